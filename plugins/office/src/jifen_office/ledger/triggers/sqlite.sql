-- What SQLite itself refuses of the ledger, whoever asks. Statements are parted by an empty line.
-- A row that REPLACE would put in the place of another is refused as well: SQLite deletes the other one silently.

CREATE TRIGGER ledger_entry_is_next BEFORE INSERT ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'ledger: an entry is there already')
    WHERE EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id)
        OR EXISTS (SELECT 1 FROM ledger_entry WHERE "key" = NEW."key")
        OR EXISTS (SELECT 1 FROM ledger_entry WHERE reverses_id = NEW.reverses_id);
    SELECT RAISE(ABORT, 'ledger: an entry is not the next one of its chain')
    WHERE NOT EXISTS (
        SELECT 1 FROM ledger_chain
        WHERE village_id = NEW.village_id AND number + 1 = NEW.number AND head = NEW.previous
    );
    SELECT RAISE(ABORT, 'ledger: a credit of a closed period')
    WHERE NEW.kind = 'credit' AND EXISTS (
        SELECT 1 FROM ledger_period
        WHERE village_id = NEW.village_id AND closed_id IS NOT NULL AND NEW.occurred BETWEEN "first" AND "last"
    );
END

CREATE TRIGGER ledger_entry_moves_the_head AFTER INSERT ON ledger_entry
BEGIN
    UPDATE ledger_chain SET number = NEW.number, head = NEW.hash WHERE village_id = NEW.village_id;
END

CREATE TRIGGER ledger_chain_begins_empty BEFORE INSERT ON ledger_chain
WHEN NEW.number <> 0 OR NEW.head <> '0000000000000000000000000000000000000000000000000000000000000000'
    OR EXISTS (SELECT 1 FROM ledger_chain WHERE village_id = NEW.village_id)
    OR EXISTS (SELECT 1 FROM ledger_entry WHERE village_id = NEW.village_id)
BEGIN
    SELECT RAISE(ABORT, 'ledger: a chain begins empty and once');
END

CREATE TRIGGER ledger_chain_follows_its_entries BEFORE UPDATE ON ledger_chain
WHEN NEW.village_id <> OLD.village_id OR NEW.number <> OLD.number + 1 OR NOT EXISTS (
    SELECT 1 FROM ledger_entry
    WHERE village_id = OLD.village_id AND number = NEW.number AND previous = OLD.head AND hash = NEW.head
)
BEGIN
    SELECT RAISE(ABORT, 'ledger: a chain moves with an entry only');
END

CREATE TRIGGER ledger_account_begins_empty BEFORE INSERT ON ledger_account
WHEN NEW.balance <> 0 OR NEW.last_transfer <> 0
    OR EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.id)
    OR EXISTS (
        SELECT 1 FROM ledger_account
        WHERE village_id = NEW.village_id AND kind = NEW.kind AND unit = NEW.unit
            AND household_id IS NEW.household_id
    )
BEGIN
    SELECT RAISE(ABORT, 'ledger: an account begins empty and once');
END

CREATE TRIGGER ledger_account_follows_its_transfers BEFORE UPDATE ON ledger_account
WHEN NEW.id <> OLD.id OR NEW.village_id <> OLD.village_id OR NEW.kind <> OLD.kind OR NEW.unit <> OLD.unit
    OR NEW.household_id IS NOT OLD.household_id OR NEW.last_transfer <= OLD.last_transfer
    OR typeof(NEW.balance) <> 'integer' OR NOT EXISTS (
        SELECT 1 FROM ledger_transfer
        WHERE id = NEW.last_transfer AND OLD.id IN (source_id, target_id)
            AND NEW.balance - OLD.balance = CASE OLD.id WHEN target_id THEN amount ELSE -amount END
    )
BEGIN
    SELECT RAISE(ABORT, 'ledger: a balance moves with a transfer only, and nothing else of an account changes');
END

CREATE TRIGGER ledger_transfer_has_a_place_in_its_entry BEFORE INSERT ON ledger_transfer
BEGIN
    SELECT RAISE(ABORT, 'ledger: a transfer is there already') FROM ledger_transfer WHERE id = NEW.id;
    SELECT RAISE(ABORT, 'ledger: a transfer is there already') FROM ledger_transfer
    WHERE entry_id = NEW.entry_id AND place = NEW.place;
    SELECT RAISE(ABORT, 'ledger: a transfer moves an integer')
    WHERE typeof(NEW.amount) <> 'integer' OR typeof(NEW.place) <> 'integer';
    SELECT RAISE(ABORT, 'ledger: an entry has no such place, or the accounts are not of its village and of one unit')
    WHERE NOT EXISTS (
        SELECT 1 FROM ledger_entry AS entry
        JOIN ledger_account AS source ON source.id = NEW.source_id AND source.village_id = entry.village_id
        JOIN ledger_account AS target ON target.id = NEW.target_id AND target.village_id = entry.village_id
        WHERE entry.id = NEW.entry_id AND NEW.place BETWEEN 1 AND entry.moves AND source.unit = target.unit
    );
END

CREATE TRIGGER ledger_transfer_moves_balances AFTER INSERT ON ledger_transfer
BEGIN
    UPDATE ledger_account SET balance = balance - NEW.amount, last_transfer = NEW.id WHERE id = NEW.source_id;
    UPDATE ledger_account SET balance = balance + NEW.amount, last_transfer = NEW.id WHERE id = NEW.target_id;
    SELECT RAISE(ABORT, 'ledger: not enough in the account') FROM ledger_account
    WHERE id = NEW.source_id AND balance < 0 AND (
        kind IN ('held', 'stock', 'kept')
        OR (kind = 'purse' AND (SELECT kind FROM ledger_entry WHERE id = NEW.entry_id) = 'reserve')
    );
END

CREATE TRIGGER ledger_opening_is_once BEFORE INSERT ON ledger_opening
WHEN EXISTS (SELECT 1 FROM ledger_opening WHERE entry_id = NEW.entry_id)
BEGIN
    SELECT RAISE(ABORT, 'ledger: an opening is there already');
END

CREATE TRIGGER ledger_opening_goes_with_its_household BEFORE DELETE ON ledger_opening
WHEN NOT EXISTS (
    SELECT 1 FROM ledger_transfer AS moved
    JOIN ledger_account AS account ON account.id IN (moved.source_id, moved.target_id)
    JOIN register_household AS household ON household.id = account.household_id
    WHERE moved.entry_id = OLD.entry_id AND household.erased IS NOT NULL
)
BEGIN
    SELECT RAISE(ABORT, 'ledger: an opening goes only with its household');
END

CREATE TRIGGER ledger_period_is_once BEFORE INSERT ON ledger_period
WHEN EXISTS (
    SELECT 1 FROM ledger_period
    WHERE id = NEW.id OR (village_id = NEW.village_id AND name = NEW.name)
        OR opened_id = NEW.opened_id OR closed_id = NEW.closed_id
)
BEGIN
    SELECT RAISE(ABORT, 'ledger: a period is there already');
END

CREATE TRIGGER ledger_period_closes_once BEFORE UPDATE ON ledger_period
WHEN OLD.closed_id IS NOT NULL OR NEW.closed_id IS NULL OR NEW.id <> OLD.id OR NEW.village_id <> OLD.village_id
    OR NEW.name <> OLD.name OR NEW."first" <> OLD."first" OR NEW."last" <> OLD."last"
    OR NEW.opened_id <> OLD.opened_id
BEGIN
    SELECT RAISE(ABORT, 'ledger: a period closes once, and nothing else of it changes');
END

CREATE TRIGGER ledger_village_keeps_its_code BEFORE UPDATE OF id, code ON register_village
WHEN (NEW.id <> OLD.id OR NEW.code <> OLD.code) AND EXISTS (SELECT 1 FROM ledger_chain WHERE village_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'ledger: the chain names the village by its code');
END

CREATE TRIGGER ledger_household_keeps_its_code BEFORE UPDATE OF id, code ON register_household
WHEN (NEW.id <> OLD.id OR NEW.code <> OLD.code) AND EXISTS (SELECT 1 FROM ledger_account WHERE household_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'ledger: the chain names the household by its code');
END

CREATE TRIGGER ledger_step_changes_with_its_household BEFORE UPDATE ON process_step
WHEN NEW.reason <> '–' OR NEW.id <> OLD.id OR NEW.record_id <> OLD.record_id OR NEW.kind <> OLD.kind
    OR NEW.by_id IS NOT OLD.by_id OR NEW.at <> OLD.at OR NOT EXISTS (
        SELECT 1 FROM process_record AS record
        JOIN register_household AS household ON household.id = record.household_id
            OR household.id IN (SELECT household_id FROM process_objection WHERE record_id = record.id)
        WHERE record.id = OLD.record_id AND household.erased IS NOT NULL
    )
BEGIN
    SELECT RAISE(ABORT, 'ledger: process_step is never changed and never deleted');
END

CREATE TRIGGER ledger_step_is_once BEFORE INSERT ON process_step
WHEN EXISTS (
    SELECT 1 FROM process_step
    WHERE id = NEW.id
        OR (record_id = NEW.record_id AND by_id = NEW.by_id AND kind = 'approved' AND NEW.kind = 'approved')
)
BEGIN
    SELECT RAISE(ABORT, 'ledger: a step is there already');
END

CREATE TRIGGER ledger_auditentry_is_once BEFORE INSERT ON access_auditentry
WHEN EXISTS (SELECT 1 FROM access_auditentry WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'ledger: an audit entry is there already');
END
