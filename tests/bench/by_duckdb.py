"""Decides nothing of jifen's: the benchmark's forty rules written by hand in DuckDB SQL.

The windows of an item's schedule and of its limit are the same, so that one partition serves both; `ord` puts base
scores first. Files are read and written in the same shares of whole villages as by the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from tests.bench.by_hand import BY_QUANTITY, BY_READING, CATEGORIES, LIFTED, RULES, RUNNING, outputs

if TYPE_CHECKING:
    from pathlib import Path

TABLES = f"""
CREATE TEMP TABLE rule (item VARCHAR, fixed BIGINT, months BIGINT, of_member BOOLEAN, times BIGINT, gives BIGINT,
  takes BIGINT, floor BIGINT, ceiling BIGINT, dropped BOOLEAN, shared VARCHAR, two BOOLEAN, photo BOOLEAN);
CREATE TEMP TABLE category (letter VARCHAR, category VARCHAR, clause VARCHAR);
INSERT INTO category VALUES {", ".join(str((letter, *names)) for letter, names in CATEGORIES.items())};
"""

SETTLE = """
COPY (
WITH home AS (
  SELECT household, village, consent AS since FROM read_parquet({households})
  WHERE site = 'home' AND registered AND homestead AND living > 0 AND consent IS NOT NULL),
there AS (
  SELECT d.*, r.* EXCLUDE (item) FROM read_parquet({deeds}) d JOIN rule r USING (item)
  LEFT JOIN home h ON d.subject = h.household
  WHERE status = 'approved' AND (subject = d.village OR date >= h.since)
    AND (NOT two OR contains(approved_by, '|')) AND (NOT photo OR coalesce(contains(evidence, 'photo'), false))),
mended AS (
  SELECT p.deed, q.deed AS other FROM there p JOIN there q ON p.refers = q.deed AND p.subject = q.subject
  WHERE p.date >= q.date AND (p.item = 'L06' AND q.item IN ('E05', 'L03', 'L05') AND p.date - q.date <= 30
    OR p.item = 'B02' AND q.item IN ('B01', 'B05') AND p.date - q.date <= 90)),
base AS (
  SELECT 'base:' || item || ':' || household || ':' || strftime(first, '%Y-%m') AS deed, village, household AS subject,
    item, greatest(since, first) AS date, base
  FROM home, (
    SELECT 'E01' AS item, 250 AS base, unnest(range(DATE '2025-01-01', DATE '2026-01-01', INTERVAL 1 MONTH))::DATE AS first,
      1 AS span
    UNION ALL SELECT 'P01', 7000, DATE '2025-01-01', 12)
  WHERE since < first + to_months(span)),
counted AS (
  SELECT deed, village, subject, member, item, 'deed' AS kind, date, quantity, grade, marks, refers, recorded_by,
    approved_by, 1 AS ord, NULL AS base FROM there WHERE item NOT IN ('L06', 'B02')
  UNION ALL
  SELECT deed, village, subject, member, item, 'put-right', date, quantity, grade, marks, refers, recorded_by,
    approved_by, 1, NULL FROM there WHERE item IN ('L06', 'B02') AND deed IN (SELECT deed FROM mended)
  UNION ALL
  SELECT deed, village, subject, NULL, item, 'base', date, NULL, NULL, NULL, NULL, NULL, NULL, 0, base FROM base),
placed AS (
  SELECT c.*, r.* EXCLUDE (item), (year(date) * 12 + month(date) - 1) AS m,
    CASE WHEN months > 0 THEN (year(date) * 12 + month(date) - 1) // months ELSE 0 END AS cell,
    CASE WHEN of_member THEN member ELSE '' END AS who,
    CASE WHEN ord = 0 THEN 0 WHEN item IN {quantities} THEN quantity ELSE 1 END AS step
  FROM counted c JOIN rule r USING (item)),
running AS (
  SELECT *, sum(step) OVER w::BIGINT AS x, sum(ord) OVER w::BIGINT AS nth FROM placed
  WINDOW w AS (PARTITION BY subject, item, who, cell ORDER BY date, ord, deed)),
averaged AS (
  SELECT *, CASE WHEN item IN ('E07', 'E10') THEN list_sum(list_sort(marks)[2:len(marks) - 1])::BIGINT END AS total,
    len(marks) - 2 AS kept FROM running),
gross AS (
  SELECT *, CASE WHEN ord = 0 THEN base ELSE CASE item
      WHEN 'E01' THEN quantity // 1000 * -50
      WHEN 'E02' THEN CASE WHEN quantity >= 80000 THEN 30 WHEN quantity >= 75000 THEN 10 ELSE 0 END
      WHEN 'E03' THEN CASE grade WHEN '优' THEN 50 WHEN '良' THEN 30 WHEN '合格' THEN 10 ELSE 0 END
      WHEN 'E05' THEN CASE nth WHEN 1 THEN -80 WHEN 2 THEN -150 ELSE -200 END
      WHEN 'E06' THEN CASE grade WHEN '优' THEN 100 WHEN '良' THEN 60 WHEN '合格' THEN 30 ELSE 0 END
      WHEN 'E07' THEN (total * 20 + kept * 1000) // (kept * 2000)
      WHEN 'E08' THEN quantity // 5000 * 5
      WHEN 'E09' THEN CASE WHEN quantity >= 90000 THEN 20 WHEN quantity >= 60000 THEN 10 ELSE 0 END
      WHEN 'E10' THEN CASE WHEN total // kept >= 8000 THEN 20 WHEN total // kept >= 6500 THEN 10 ELSE 0 END
      WHEN 'C05' THEN CASE grade WHEN '优' THEN 100 WHEN '良' THEN 50 WHEN '合格' THEN 20 ELSE 0 END
      WHEN 'C06' THEN (x * 6 + 2000) // 4000 - ((x - quantity) * 6 + 2000) // 4000
      WHEN 'L03' THEN CASE nth WHEN 1 THEN -50 ELSE -100 END
      WHEN 'L05' THEN CASE nth WHEN 1 THEN -20 WHEN 2 THEN -40 ELSE -60 END
      WHEN 'L08' THEN CASE grade WHEN '优' THEN 20 WHEN '良' THEN 10 WHEN '差' THEN -20 ELSE 0 END
      WHEN 'P05' THEN CASE WHEN x >= 100000 THEN 200 WHEN x >= 30000 THEN 50 WHEN x >= 10000 THEN 20 ELSE 0 END
        - CASE WHEN x - quantity >= 100000 THEN 200 WHEN x - quantity >= 30000 THEN 50 WHEN x - quantity >= 10000 THEN 20
          ELSE 0 END
      WHEN 'P06' THEN CASE WHEN x < 2000000 THEN x // 100000 * 10 ELSE 200 + (x - 2000000) // 200000 * 10 END
        - CASE WHEN x - quantity < 2000000 THEN (x - quantity) // 100000 * 10
          ELSE 200 + (x - quantity - 2000000) // 200000 * 10 END
      WHEN 'P07' THEN (x // 4000 - (x - quantity) // 4000) * 10
      WHEN 'P08' THEN quantity // 100
      WHEN 'P09' THEN (x // 3000 - (x - quantity) // 3000) * 10
      WHEN 'B03' THEN CASE nth WHEN 1 THEN -100 ELSE -200 END
      WHEN 'V02' THEN CASE WHEN quantity >= 90000 THEN 30 WHEN quantity >= 80000 THEN 20 ELSE 0 END
      WHEN 'V03' THEN CASE grade WHEN '优' THEN 30 WHEN '良' THEN 20 WHEN '合格' THEN 10 ELSE 0 END
      WHEN 'V05' THEN (x // 50000 - (x - quantity) // 50000) * -10
      WHEN 'V06' THEN CASE nth WHEN 1 THEN -30 ELSE -50 END
      ELSE fixed END END AS g
  FROM averaged),
item_sums AS (
  SELECT *, sum(g) OVER w::BIGINT AS net, sum(greatest(g, 0)) OVER w::BIGINT AS up, sum(greatest(-g, 0)) OVER w::BIGINT AS down
  FROM gross WINDOW w AS (PARTITION BY subject, item, who, cell ORDER BY date, ord, deed)),
limited AS (
  SELECT *, CASE
      WHEN times IS NOT NULL THEN CASE WHEN nth <= times THEN g ELSE 0 END
      WHEN g > 0 AND dropped THEN CASE WHEN up <= gives THEN g ELSE 0 END
      WHEN g > 0 AND gives IS NOT NULL THEN least(up, gives) - least(up - g, gives)
      WHEN g < 0 AND takes IS NOT NULL THEN least(down + g, takes) - least(down, takes)
      WHEN item = 'E01' THEN greatest(net, 0) - greatest(net - g, 0)
      WHEN item = 'P08' THEN least(greatest(net, -150), 200) - least(greatest(net - g, -150), 200)
      ELSE g END AS p0
  FROM item_sums),
righted AS (
  SELECT p.deed, CASE p.item WHEN 'L06' THEN (2 * greatest(-q.p0, 0) + 2) // 4 ELSE greatest(-q.p0, 0) END AS back
  FROM mended m JOIN limited p ON p.deed = m.deed JOIN limited q ON q.deed = m.other),
first_cut AS (
  SELECT b.* EXCLUDE (g, p0), coalesce(back, g) AS g, coalesce(back, p0) AS p1,
    CASE WHEN kind = 'put-right' OR g < 0 THEN -1 ELSE 1 END AS side
  FROM limited b LEFT JOIN righted r USING (deed)),
shared_sums AS (
  SELECT *, sum(greatest(p1, 0)) OVER (PARTITION BY subject, shared, CASE shared WHEN 'help' THEN m WHEN 'work' THEN m // 6 END
    ORDER BY date, ord, deed)::BIGINT AS s FROM first_cut),
second_cut AS (
  SELECT * EXCLUDE (s), CASE shared
      WHEN 'help' THEN least(s, 10) - least(s - p1, 10)
      WHEN 'work' THEN CASE WHEN s <= 150 THEN p1 ELSE 0 END
      ELSE p1 END AS p2
  FROM shared_sums),
category_sums AS (
  SELECT *, left(item, 1) AS letter, sum(p2) OVER w::BIGINT AS net2,
    sum(CASE WHEN side > 0 THEN p2 ELSE 0 END) OVER w::BIGINT AS given,
    sum(CASE WHEN side < 0 THEN -p2 ELSE 0 END) OVER w::BIGINT AS taken
  FROM second_cut WINDOW w AS (PARTITION BY subject, left(item, 1) ORDER BY date, ord, deed)),
third_cut AS (
  SELECT *, CASE
      WHEN letter = 'E' THEN least(net2, 3500) - least(net2 - p2, 3500)
      WHEN letter = 'C' AND side > 0 THEN least(given, 250) - least(given - p2, 250)
      WHEN letter = 'L' AND side > 0 THEN least(given, 300) - least(given - p2, 300)
      WHEN letter = 'L' THEN least(taken + p2, 600) - least(taken, 600)
      WHEN letter = 'P' AND side > 0 THEN least(given, 8000) - least(given - p2, 8000)
      ELSE p2 END AS p3
  FROM category_sums),
total_sums AS (
  SELECT *, sum(p3) OVER (PARTITION BY subject ORDER BY date, ord, deed)::BIGINT AS t FROM third_cut),
done AS (
  SELECT *, CASE WHEN subject = village THEN p3 ELSE greatest(t, 0) - greatest(t - p3, 0) END AS points FROM total_sums),
struck AS (
  SELECT v.deed, sum(d.points)::BIGINT - v.most AS surplus
  FROM (
    SELECT deed, subject, CASE WHEN deed IN (SELECT other FROM mended) THEN {lifted} ELSE 0 END AS most,
      row_number() OVER (PARTITION BY subject
        ORDER BY CASE WHEN deed IN (SELECT other FROM mended) THEN {lifted} ELSE 0 END, date, deed) AS turn
    FROM done WHERE item = 'B05') v JOIN done d USING (subject)
  WHERE turn = 1 GROUP BY v.deed, v.most),
rows AS (
  SELECT deed, village, subject, member, letter, item, kind, date,
    CASE WHEN ord = 0 OR kind = 'put-right' THEN NULL WHEN item IN {quantities} OR item IN {readings} THEN quantity
      WHEN item IN ('E07', 'E10') THEN (2 * total + kept) // (2 * kept)
      WHEN item IN ('E03', 'E06', 'C05', 'L08', 'V03', 'P08') THEN NULL ELSE 1 END AS amount,
    CASE WHEN item IN {running} THEN x - step END AS before, CASE WHEN item IN {running} THEN x END AS after,
    g AS gross, points, grade, refers, recorded_by, approved_by, ord
  FROM done
  UNION ALL
  SELECT 'veto:' || deed, village, subject, member, letter, item, 'veto', date, NULL, NULL, NULL, -surplus, -surplus,
    grade, refers, recorded_by, approved_by, 2
  FROM done JOIN struck USING (deed) WHERE surplus > 0)
SELECT deed, village, subject, member, category, item, clause, kind, date, amount, before, after, gross, points, grade,
  refers, recorded_by, approved_by
FROM rows JOIN category USING (letter) ORDER BY village, subject, date, ord, deed
) TO '{out}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)
"""


def settle(pack: Path, out: Path) -> None:
    """Reads the packed dataset and writes the awards."""
    with duckdb.connect() as db:
        db.execute(TABLES)
        db.executemany(f"INSERT INTO rule VALUES ({', '.join('?' * 13)})", [list(rule) for rule in RULES])
        names = {"quantities": BY_QUANTITY, "readings": BY_READING, "running": RUNNING, "lifted": LIFTED}
        for share, file in outputs(pack, out):
            files = {name: [str(each) for each in found] for name, found in share.items()}
            db.execute(SETTLE.format(**files, **names, out=file))
