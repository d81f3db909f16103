"""The district's steering of its towns: rollout targets, the assessment of towns and villages, trends (R24 to R27)."""
