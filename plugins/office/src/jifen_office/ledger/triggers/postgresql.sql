-- What PostgreSQL itself refuses of the ledger, whoever asks. Statements are parted by an empty line.
-- The functions run as the tables' owner, so that whoever adds entries needs no right to change a row.
-- Entries and transfers are looked at once a statement, for a row that one transaction changes thousands of times (the
-- head of a chain, the account of issued points) has thousands of versions until it ends.

CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger: % is never changed and never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$

CREATE OR REPLACE FUNCTION ledger_lock(village bigint, OUT number bigint, OUT head varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    LOOP
        SELECT chain.number, chain.head INTO number, head FROM ledger_chain AS chain
        WHERE chain.village_id = village FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO ledger_chain (village_id, number, head) VALUES (village, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    END LOOP;
END $$

CREATE OR REPLACE FUNCTION ledger_entries_are_next() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (
            SELECT village_id, number, previous, lag(number) OVER chained AS before, lag(hash) OVER chained AS hash_before
            FROM added WINDOW chained AS (PARTITION BY village_id ORDER BY number)
        ) AS entry
        LEFT JOIN ledger_chain AS chain ON chain.village_id = entry.village_id
        WHERE chain.village_id IS NULL OR entry.number <> coalesce(before, chain.number) + 1
            OR previous <> coalesce(hash_before, head)
    ) THEN
        RAISE EXCEPTION 'ledger: an entry is not the next one of its chain' USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added JOIN ledger_period AS period ON period.village_id = added.village_id
        WHERE added.kind = 'credit' AND closed_id IS NOT NULL AND added.occurred BETWEEN "first" AND "last"
    ) THEN
        RAISE EXCEPTION 'ledger: a credit of a closed period' USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE ledger_chain AS chain SET number = last.number, head = last.hash
    FROM (SELECT DISTINCT ON (village_id) * FROM added ORDER BY village_id, number DESC) AS last
    WHERE chain.village_id = last.village_id;
    RETURN NULL;
END $$

CREATE OR REPLACE FUNCTION ledger_chain_begins_empty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF NEW.number <> 0 OR NEW.head <> repeat('0', 64)
        OR EXISTS (SELECT 1 FROM ledger_entry WHERE village_id = NEW.village_id)
    THEN
        RAISE EXCEPTION 'ledger: a chain begins empty and once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE OR REPLACE FUNCTION ledger_chain_follows_its_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF NEW.village_id <> OLD.village_id OR NEW.number <= OLD.number OR NOT EXISTS (
        SELECT 1 FROM ledger_entry AS next
        JOIN ledger_entry AS last ON last.village_id = OLD.village_id AND last.number = NEW.number
        WHERE next.village_id = OLD.village_id AND next.number = OLD.number + 1
            AND next.previous = OLD.head AND last.hash = NEW.head
    ) THEN
        RAISE EXCEPTION 'ledger: a chain moves with an entry only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE OR REPLACE FUNCTION ledger_account_begins_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance <> 0 OR NEW.last_transfer <> 0 THEN
        RAISE EXCEPTION 'ledger: an account begins empty and once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE OR REPLACE FUNCTION ledger_account_follows_its_transfers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.village_id <> OLD.village_id OR NEW.kind <> OLD.kind OR NEW.unit <> OLD.unit
        OR NEW.household_id IS DISTINCT FROM OLD.household_id OR NEW.last_transfer <= OLD.last_transfer
        OR NEW.balance - OLD.balance IS DISTINCT FROM (
            SELECT sum(change) FROM (
                SELECT amount AS change FROM ledger_transfer
                WHERE target_id = OLD.id AND id > OLD.last_transfer AND id <= NEW.last_transfer
                UNION ALL
                SELECT -amount FROM ledger_transfer
                WHERE source_id = OLD.id AND id > OLD.last_transfer AND id <= NEW.last_transfer
            ) AS moved
        )
    THEN
        RAISE EXCEPTION 'ledger: a balance moves with a transfer only, and nothing else of an account changes'
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE OR REPLACE FUNCTION ledger_transfers_move_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_account
    WHERE id IN (SELECT source_id FROM added UNION SELECT target_id FROM added) ORDER BY id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM added
        LEFT JOIN ledger_entry AS entry ON entry.id = added.entry_id AND added.place BETWEEN 1 AND entry.moves
        LEFT JOIN ledger_account AS source ON source.id = added.source_id AND source.village_id = entry.village_id
        LEFT JOIN ledger_account AS target
            ON target.id = added.target_id AND target.village_id = entry.village_id AND target.unit = source.unit
        WHERE target.id IS NULL
    ) THEN
        RAISE EXCEPTION 'ledger: an entry has no such place, or the accounts are not of its village and of one unit'
        USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT account, entry_id, change, sum(change) OVER (PARTITION BY account ORDER BY id) AS so_far FROM (
                SELECT id, entry_id, source_id AS account, -amount AS change FROM added
                UNION ALL
                SELECT id, entry_id, target_id, amount FROM added
            ) AS moved
        ) AS moved
        JOIN ledger_account ON ledger_account.id = account
        WHERE change < 0 AND balance + so_far < 0 AND (
            kind IN ('held', 'stock', 'kept')
            OR (kind = 'purse' AND (SELECT kind FROM ledger_entry WHERE id = entry_id) = 'reserve')
        )
    ) THEN
        RAISE EXCEPTION 'ledger: not enough in the account' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_account SET balance = balance + change, last_transfer = last FROM (
        SELECT account, sum(change) AS change, max(id) AS last FROM (
            SELECT id, source_id AS account, -amount AS change FROM added
            UNION ALL
            SELECT id, target_id, amount FROM added
        ) AS each
        GROUP BY account
    ) AS moved
    WHERE ledger_account.id = account;
    RETURN NULL;
END $$

CREATE OR REPLACE FUNCTION ledger_opening_goes_with_its_household() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM ledger_transfer AS moved
        JOIN ledger_account AS account ON account.id IN (moved.source_id, moved.target_id)
        JOIN register_household AS household ON household.id = account.household_id
        WHERE moved.entry_id = OLD.entry_id AND household.erased IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'ledger: an opening goes only with its household' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$

CREATE OR REPLACE FUNCTION ledger_step_changes_with_its_household() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF NEW.reason <> '–' OR NEW.id <> OLD.id OR NEW.record_id <> OLD.record_id OR NEW.kind <> OLD.kind
        OR NEW.by_id IS DISTINCT FROM OLD.by_id OR NEW.at <> OLD.at OR NOT EXISTS (
            SELECT 1 FROM process_record AS record
            JOIN register_household AS household ON household.id = record.household_id
                OR household.id IN (SELECT household_id FROM process_objection WHERE record_id = record.id)
            WHERE record.id = OLD.record_id AND household.erased IS NOT NULL
        )
    THEN
        RAISE EXCEPTION 'ledger: process_step is never changed and never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE OR REPLACE FUNCTION ledger_period_closes_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_id IS NOT NULL OR NEW.closed_id IS NULL OR NEW.id <> OLD.id OR NEW.village_id <> OLD.village_id
        OR NEW.name <> OLD.name OR NEW."first" <> OLD."first" OR NEW."last" <> OLD."last"
        OR NEW.opened_id <> OLD.opened_id
    THEN
        RAISE EXCEPTION 'ledger: a period closes once, and nothing else of it changes'
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE OR REPLACE FUNCTION ledger_village_keeps_its_code() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF (NEW.id <> OLD.id OR NEW.code <> OLD.code) AND EXISTS (SELECT 1 FROM ledger_chain WHERE village_id = OLD.id) THEN
        RAISE EXCEPTION 'ledger: the chain names the village by its code' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE OR REPLACE FUNCTION ledger_household_keeps_its_code() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF (NEW.id <> OLD.id OR NEW.code <> OLD.code)
        AND EXISTS (SELECT 1 FROM ledger_account WHERE household_id = OLD.id)
    THEN
        RAISE EXCEPTION 'ledger: the chain names the household by its code' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE TRIGGER ledger_entries_are_next AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_are_next()

CREATE TRIGGER ledger_chain_begins_empty BEFORE INSERT ON ledger_chain
FOR EACH ROW EXECUTE FUNCTION ledger_chain_begins_empty()

CREATE TRIGGER ledger_chain_follows_its_entries BEFORE UPDATE ON ledger_chain
FOR EACH ROW EXECUTE FUNCTION ledger_chain_follows_its_entries()

CREATE TRIGGER ledger_account_begins_empty BEFORE INSERT ON ledger_account
FOR EACH ROW EXECUTE FUNCTION ledger_account_begins_empty()

CREATE TRIGGER ledger_account_follows_its_transfers BEFORE UPDATE ON ledger_account
FOR EACH ROW EXECUTE FUNCTION ledger_account_follows_its_transfers()

CREATE TRIGGER ledger_transfers_move_balances AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfers_move_balances()

CREATE TRIGGER ledger_opening_goes_with_its_household BEFORE DELETE ON ledger_opening
FOR EACH ROW EXECUTE FUNCTION ledger_opening_goes_with_its_household()

CREATE TRIGGER ledger_step_changes_with_its_household BEFORE UPDATE ON process_step
FOR EACH ROW EXECUTE FUNCTION ledger_step_changes_with_its_household()

CREATE TRIGGER ledger_period_closes_once BEFORE UPDATE ON ledger_period
FOR EACH ROW EXECUTE FUNCTION ledger_period_closes_once()

CREATE TRIGGER ledger_village_keeps_its_code BEFORE UPDATE OF id, code ON register_village
FOR EACH ROW EXECUTE FUNCTION ledger_village_keeps_its_code()

CREATE TRIGGER ledger_household_keeps_its_code BEFORE UPDATE OF id, code ON register_household
FOR EACH ROW EXECUTE FUNCTION ledger_household_keeps_its_code()
