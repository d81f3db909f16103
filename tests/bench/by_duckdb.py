"""Decides nothing of jifen's: the benchmark's eight rules written by hand in DuckDB SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
CREATE OR REPLACE TEMP TABLE item (item VARCHAR, category VARCHAR, fixed BIGINT);
INSERT INTO item VALUES ('A','test.all',120),('B','test.all',0),('C','test.other',0),('D','test.all',0),
  ('E','test.all',0),('F','test.other',6),('G','test.other',5),('H','test.other',-30);
"""

SETTLE = """
COPY (
WITH counted AS (
  SELECT d.*, i.category, i.fixed, year(date) * 12 + month(date) - 1 AS m FROM '{deeds}' d JOIN item i USING (item)
  WHERE status = 'approved'),
running AS (
  SELECT *,
    count(*) OVER (PARTITION BY subject, item ORDER BY date, deed) AS nth_year,
    count(*) OVER (PARTITION BY subject, item, m ORDER BY date, deed) AS nth_month,
    count(*) OVER (PARTITION BY subject, item, m // 2 ORDER BY date, deed) AS nth_cell,
    sum(quantity) OVER (PARTITION BY subject, item ORDER BY date, deed)::BIGINT AS used
  FROM counted),
gross AS (
  SELECT *, CASE item
      WHEN 'B' THEN (used // 4000 - (used - quantity) // 4000) * 10
      WHEN 'C' THEN CASE nth_year WHEN 1 THEN -80 WHEN 2 THEN -150 ELSE -200 END
      WHEN 'D' THEN CASE grade WHEN '优' THEN 50 WHEN '良' THEN 30 WHEN '合格' THEN 10 ELSE 0 END
      WHEN 'E' THEN CASE WHEN quantity >= 80000 THEN 30 WHEN quantity >= 75000 THEN 10 ELSE 0 END
      ELSE fixed END AS gross
  FROM running),
item_sums AS (
  SELECT *,
    sum(gross) OVER (PARTITION BY subject, item ORDER BY date, deed)::BIGINT AS s_year,
    sum(gross) OVER (PARTITION BY subject, item, m ORDER BY date, deed)::BIGINT AS s_month
  FROM gross),
limited AS (
  SELECT *, CASE item
      WHEN 'A' THEN CASE WHEN nth_month <= 4 THEN gross ELSE 0 END
      WHEN 'B' THEN least(s_year, 400) - least(s_year - gross, 400)
      WHEN 'D' THEN CASE WHEN nth_cell <= 1 THEN gross ELSE 0 END
      WHEN 'E' THEN least(s_month, 100) - least(s_month - gross, 100)
      ELSE gross END AS p1
  FROM item_sums),
shared_sums AS (
  SELECT *, sum(p1) OVER (PARTITION BY subject, item IN ('F', 'G'), m ORDER BY date, deed)::BIGINT AS s FROM limited),
shared AS (
  SELECT * EXCLUDE (s), CASE WHEN item IN ('F', 'G') THEN least(s, 10) - least(s - p1, 10) ELSE p1 END AS p2
  FROM shared_sums),
category_sums AS (
  SELECT *,
    sum(greatest(p2, 0)) OVER w::BIGINT AS given, sum(greatest(-p2, 0)) OVER w::BIGINT AS taken
  FROM shared WINDOW w AS (PARTITION BY subject, category ORDER BY date, deed)),
of_category AS (
  SELECT *, CASE
      WHEN p2 > 0 THEN least(given, g) - least(given - p2, g)
      WHEN p2 < 0 AND category = 'test.other' THEN -(least(taken, 500) - least(taken + p2, 500))
      ELSE p2 END AS p3
  FROM (SELECT *, CASE category WHEN 'test.all' THEN 3000 ELSE 80 END AS g FROM category_sums)),
total_sums AS (
  SELECT *, sum(p3) OVER (PARTITION BY subject ORDER BY date, deed)::BIGINT AS t FROM of_category)
SELECT deed, village, subject, member, category, item, '第一条' AS clause, 'deed' AS kind, date,
  CASE WHEN item IN ('B', 'E') THEN quantity ELSE 1 END AS amount,
  CASE item WHEN 'B' THEN used - quantity WHEN 'C' THEN nth_year - 1 END AS before,
  CASE item WHEN 'B' THEN used WHEN 'C' THEN nth_year END AS after,
  gross, greatest(t, 0) - greatest(t - p3, 0) AS points, grade, refers, recorded_by, approved_by
FROM total_sums ORDER BY village, subject, date, deed
) TO '{out}' (FORMAT parquet, COMPRESSION zstd)
"""


def settle(folder: Path, out: Path) -> None:
    """Reads deeds.parquet and writes the awards."""
    with duckdb.connect() as db:
        db.execute(RULES)
        db.execute(SETTLE.format(deeds=folder / "deeds.parquet", out=out))
