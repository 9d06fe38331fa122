import { readFile, writeFile } from 'node:fs/promises';
import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readReceipt } from '../../../src/files/receipt/index.js';
import type { AppliedChange } from '../../../src/files/receipt/schema.js';
import type { Store } from '../../../src/model/store.js';
import { NO_FILTER } from '../../../src/views/plan/plan-filter.js';
import { receiptsText } from '../../../src/views/receipt/receipt-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { linkOf, PEOPLE, teamId } from '../apply/broken-team.js';
import { Stage } from '../apply/stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await Stage.open();
  await stage.breakTeams(1, 2);
});
afterEach(() => stage.close());

const sql = (text: string): Promise<unknown> => stage.databases.pg.query(text);
const roles = () => stage.databases.mongo.collection('user_roles');

/** Whose roles there are: all that an undo has to bring back, whatever else was written meanwhile. */
async function whoHoldsWhat(): Promise<{ readonly mongo: string[]; readonly postgres: string[] }> {
  const documents = await roles().find().toArray();
  const { rows } = await stage.databases.pg.query<object>(
    'SELECT mongo_id, user_id, role_name, scope, team_id, is_active FROM postgres_user_roles',
  );
  const mongo = documents.map(({ _id, user_id, role_name, scope, team_id, is_active }) =>
    JSON.stringify([_id, user_id, role_name, scope, team_id, is_active]),
  );
  return { mongo: mongo.sort(), postgres: rows.map((row) => JSON.stringify(row)).sort() };
}

/** What a receipt says of one user in team 1 in one store. */
async function changesOf(user: string, store: Store, path: string): Promise<AppliedChange[]> {
  const intent = (await stage.intents(path)).find(({ team }) => team === teamId(1));
  return intent?.changes.filter((change) => change.user === user && change.store === store) ?? [];
}

const table = (change: string) => () => sql(`ALTER TABLE postgres_user_roles ${change}`);
const rows = (set: string) => () => sql(`UPDATE postgres_user_roles SET ${set}`);
const documents = (change: object) => () => roles().updateMany({}, change);
const NOTE = `ADD COLUMN note text DEFAULT 'old'`;

/** What happens to tables and rows between an apply and its undo, and what before the plan. */
const DAILY_LIFE: readonly (readonly [
  name: string,
  later: () => Promise<unknown>,
  first?: () => Promise<unknown>,
])[] = [
  ['every row was synchronised', rows('last_sync_at = now()')],
  ['the synchronisation of every row failed', rows(`sync_status = 'PENDING', sync_error = 'no route'`)],
  ['who made the rows and when was corrected', rows(`created_by = 'import', created_at = '2020-01-01'`)],
  ['a column was added', table('ADD COLUMN note text')],
  ['a column with a default was added', table(`ADD COLUMN note text NOT NULL DEFAULT 'none'`)],
  [
    'a column was added whose type refuses NULL',
    table(`ADD COLUMN note noted DEFAULT 'x'`),
    () => sql('CREATE DOMAIN noted AS text NOT NULL'),
  ],
  [
    'a column was added that the database computes',
    table('ADD COLUMN shout text GENERATED ALWAYS AS (upper(role_name)) STORED'),
  ],
  ['a column that the mapping does not name was filled in', rows(`note = 'new'`), table(NOTE)],
  ['a column that the mapping does not name was dropped', table('DROP COLUMN note'), table(NOTE)],
  [
    'columns got other types, in which their values still fit',
    table(`ALTER COLUMN weight TYPE numeric(10, 2),
      ALTER COLUMN created_by TYPE text, ALTER COLUMN sync_error TYPE varchar(400)`),
    table('ADD COLUMN weight int DEFAULT 7'),
  ],
  [
    'a trigger keeps a column up to date',
    rows(`sync_status = 'SYNCED'`),
    table(`ADD COLUMN touched int NOT NULL DEFAULT 0;
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN new.touched := old.touched + 1; RETURN new; END $$;
      CREATE TRIGGER touch BEFORE UPDATE ON postgres_user_roles FOR EACH ROW EXECUTE FUNCTION touch()`),
  ],
  [
    'documents got fields that the mapping does not name',
    documents({ $set: { updated_at: new Date(), note: 'touched', 'seen.by': ['ann'] } }),
  ],
  ['documents lost a field that the mapping does not name', documents({ $unset: { note: '' } })],
];

test.each(DAILY_LIFE.map(([name, ...steps]) => [name, steps] as const))(
  '%s: everything is taken back, and that again',
  async (_, [later, first]) => {
    await first?.();
    const original = await whoHoldsWhat();
    const receipt = await stage.applied(await stage.plan());
    const repaired = await whoHoldsWhat();
    expect(repaired).not.toEqual(original);
    await later();
    const revert = await stage.revert(receipt);
    expect(await stage.blockedIn(revert)).toEqual([]);
    const second = await stage.applied(revert, receipt);
    expect(await whoHoldsWhat()).toEqual(original);
    await stage.takenBack(second);
    expect(await whoHoldsWhat()).toEqual(repaired);
  },
);

test('a document so large that its undo could not be read back keeps back its user only', async () => {
  await roles().updateOne(
    { _id: new ObjectId(linkOf(1, PEOPLE.extra, 'admin')) },
    { $set: { attachment: 'x'.repeat(9 * 2 ** 20) } },
  );
  const receipt = await stage.applied(await stage.plan());
  const revert = await stage.revert(receipt);
  expect(await stage.blockedIn(revert)).toEqual([
    { code: 'not-undoable', team: teamId(1), user: PEOPLE.extra },
  ]);
  await stage.applied(revert, receipt);
});

test('what somebody has taken back in one store already is taken back in the other', async () => {
  const original = await whoHoldsWhat();
  const receipt = await stage.applied(await stage.plan());
  await sql(`UPDATE postgres_user_roles SET is_active = true WHERE user_id = '${PEOPLE.former}'`);
  await roles().deleteMany({ user_id: PEOPLE.noDocument });
  await stage.takenBack(receipt);
  expect(await whoHoldsWhat()).toEqual(original);
});

describe('columns and fields', () => {
  const NOON = '2026-01-02 12:00:00+00';

  async function columnsOf(person: string): Promise<Record<string, string>> {
    const { rows } = await stage.databases.pg.query<Record<string, string>>(
      `SELECT sync_status, last_sync_at AT TIME ZONE 'UTC' || '' AS last_sync_at, is_active::text FROM postgres_user_roles
        WHERE team_id = $1 AND user_id = $2 AND scope = 'TEAM'`,
      [teamId(1), person],
    );
    return rows[0] ?? {};
  }

  test('are put back where they are as apply left them; what was written since stays, and the receipt lists it', async () => {
    const before = await columnsOf(PEOPLE.former);
    const receipt = await stage.applied(await stage.plan());
    await sql(`UPDATE postgres_user_roles SET sync_status = 'PENDING' WHERE user_id = '${PEOPLE.former}'`);
    await sql(
      `UPDATE postgres_user_roles SET last_sync_at = '${NOON}' WHERE user_id = '${PEOPLE.inactiveRow}'`,
    );
    await roles().updateMany({ user_id: PEOPLE.former }, { $set: { note: 'since' } });
    const revert = await stage.revert(receipt);
    const second = await stage.applied(revert, receipt);

    expect(await columnsOf(PEOPLE.former)).toEqual({ ...before, sync_status: 'PENDING' });
    expect(await columnsOf(PEOPLE.inactiveRow)).toMatchObject({
      is_active: 'false',
      last_sync_at: NOON.slice(0, 19),
    });
    const differing = async (user: string, store: AppliedChange['store']): Promise<unknown> =>
      (await changesOf(user, store, second)).map(({ differs }) => differs);
    expect(await differing(PEOPLE.former, 'postgres')).toEqual([['sync_status']]);
    expect(await differing(PEOPLE.former, 'mongo')).toEqual([['note']]);
    expect(await differing(PEOPLE.inactiveRow, 'postgres')).toEqual([['last_sync_at']]);
    expect(await differing(PEOPLE.extra, 'postgres')).toEqual([undefined, undefined]);

    const indexed = await readReceipt({ kind: 'file', path: second, trust: 'any' });
    let shown = '';
    const named = { receipt: indexed, file: second, together: [second], nameOf: String, planOf: String };
    for await (const piece of receiptsText([named], NO_FILTER, PLAIN_TERMINAL)) shown += piece;
    await indexed.close();
    expect(shown).toContain('meanwhile: note (MongoDB), sync_status (PostgreSQL)');
  });

  test('that are gone from the table are listed too', async () => {
    await table(NOTE)();
    const receipt = await stage.applied(await stage.plan());
    await table('DROP COLUMN note')();
    const second = await stage.takenBack(receipt);
    const backAgain = (await changesOf(PEOPLE.extra, 'postgres', second)).find(({ op }) => op === 'insert');
    expect(backAgain?.differs).toEqual(['note']);
  });

  test('the plan is the exact inverse of what the receipt says, whatever the rows hold by now', async () => {
    const receipt = await stage.applied(await stage.plan());
    await sql('UPDATE postgres_user_roles SET last_sync_at = now()');
    const [recorded] = await changesOf(PEOPLE.former, 'postgres', receipt);
    const planned = await stage.read(await stage.revert(receipt), async (plan) => {
      for await (const { team, decisions } of plan.teams())
        if (team.id === teamId(1)) return decisions.find(({ user }) => user === PEOPLE.former);
      return undefined;
    });
    expect(planned?.changes).toContainEqual(
      expect.objectContaining({ op: 'reactivate', store: 'postgres', before: recorded?.after }),
    );
  });
});

test.each([
  ['int', 'seven'],
  // Its syntax error is none of ours.
  ['tsquery', 'seven eight'],
])('a row whose text is no %s keeps back its user, and nobody else', async (type, text) => {
  await sql(`ALTER TABLE postgres_user_roles ADD COLUMN note text DEFAULT '${text}'`);
  const receipt = await stage.applied(await stage.plan());
  await sql(`UPDATE postgres_user_roles SET note = NULL;
    ALTER TABLE postgres_user_roles ALTER COLUMN note DROP DEFAULT, ALTER COLUMN note TYPE ${type} USING note::${type}`);
  const revert = await stage.revert(receipt);
  expect(await stage.blockedIn(revert)).toEqual([
    { code: 'not-undoable', team: teamId(1), user: PEOPLE.extra },
    { code: 'not-undoable', team: teamId(2), user: PEOPLE.extra },
  ]);
  const held = await whoHoldsWhat();
  await stage.applied(revert, receipt);
  const isExtras = (row: string): boolean => row.includes(PEOPLE.extra);
  expect((await whoHoldsWhat()).postgres.filter(isExtras)).toEqual(held.postgres.filter(isExtras));
});

/** An entry of a receipt that tells less than it takes to undo it, or something else. */
const SPOILED_ENTRIES: readonly (readonly [string, (change: AppliedChange) => AppliedChange])[] = [
  ['lacks its row', (change) => ({ ...change, after: null })],
  [
    'has an id that is none',
    (change) => (change.store === 'postgres' ? { ...change, after: { ...change.after, id: '0' } } : change),
  ],
  [
    'shows another role than it says, for a trigger had rewritten it',
    (change) =>
      change.store === 'postgres' ? { ...change, after: { ...change.after, role_name: 'OWNER' } } : change,
  ],
];

test.each(SPOILED_ENTRIES)(
  'an entry that %s keeps back its user in this team, and nobody else',
  async (_name, spoil) => {
    const original = await whoHoldsWhat();
    const receipt = await stage.applied(await stage.plan());
    const lines = (await readFile(receipt, 'utf8')).split('\n');
    const events = await stage.receipt(receipt);
    const spoiled = events.map((event) => {
      if (event.event !== 'intent' || event.team !== teamId(1)) return event;
      const at = event.changes.findIndex((one) => one.user === PEOPLE.creator && one.store === 'postgres');
      return {
        ...event,
        changes: event.changes.map((change, index) => (index === at ? spoil(change) : change)),
      };
    });
    expect(lines.filter((line) => line !== '')).toHaveLength(spoiled.length);
    await writeFile(receipt, spoiled.map((event) => `${JSON.stringify(event)}\n`).join(''));

    const held = await whoHoldsWhat();
    const revert = await stage.revert(receipt);
    const blocked = { code: 'not-undoable', team: teamId(1), user: PEOPLE.creator };
    expect(await stage.blockedIn(revert)).toEqual([blocked]);
    await stage.applied(revert, receipt);
    const isCreators = (row: string): boolean => row.includes(PEOPLE.creator) && row.includes(teamId(1));
    const after = await whoHoldsWhat();
    for (const store of ['mongo', 'postgres'] as const) {
      expect(after[store].filter((row) => !isCreators(row))).toEqual(original[store]);
      expect(after[store].filter(isCreators)).toEqual(held[store].filter(isCreators));
    }
  },
);
