import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LinkedRow } from '../../../src/model/facts.js';
import type { SerialId } from '../../../src/model/id.js';
import {
  ANN,
  AS_OF,
  BOB,
  SETTLED_CREATOR,
  decide,
  hex,
  mongoRow,
  OTHER_TEAM,
  postgresRow,
  TEAM,
  type GivenTeam,
  type GivenUser,
} from './given-team.js';

/** The id that the formula of section 4 gives Ann's `member` role. */
const NEW_ID =
  Math.floor(AS_OF / 1000)
    .toString(16)
    .padStart(8, '0') +
  createHash('sha256').update([TEAM, ANN, 'member'].join('\0')).digest('hex').slice(0, 16);

const BOTH_INSERTED = ['mongo', 'postgres'].map((store) => `${store} insert member ${NEW_ID} member-wants`);

const ANNS_ROLE = { user: ANN, team: TEAM, role: 'member', scope: 'TEAM', active: false } as const;
const CONFLICT = { changes: [], blocked: [{ code: 'link-conflict', team: TEAM, user: ANN }] };

type LinkedPostgres = LinkedRow<SerialId> & { readonly mongoId: string };

/** What becomes of Ann, a member who wants `member`, beside a creator who wants nothing. */
function annWith(ann: Omit<GivenUser, 'user'>, links: Partial<GivenTeam> = {}) {
  const users = [SETTLED_CREATOR, { user: ANN, member: true, ...ann }];
  const { changes, blocked, findings, observed } = decide({ users, ...links });
  expect(Object.keys(changes).filter((user) => user !== ANN)).toEqual([]);
  return { changes: changes[ANN] ?? [], blocked, findings, observed: observed[ANN] };
}

/** Every way in which the row at the other end of a link is not Ann's inactive `member`. */
const NOT_THE_COPY: readonly [name: string, found: Omit<LinkedRow<string>, 'id'>][] = [
  ['active', { ...ANNS_ROLE, active: true }],
  ['of another user', { ...ANNS_ROLE, user: BOB }],
  ['of another team', { ...ANNS_ROLE, team: OTHER_TEAM }],
  ['of another role', { ...ANNS_ROLE, role: 'admin' }],
  ['of scope GLOBAL', { ...ANNS_ROLE, scope: 'GLOBAL' }],
  ['of scope team', { ...ANNS_ROLE, scope: 'team' }],
  ['of no legible user', { ...ANNS_ROLE, user: null }],
  ['of no legible team', { ...ANNS_ROLE, team: null }],
  ['of no legible role', { ...ANNS_ROLE, role: null }],
  ['of no scope', { ...ANNS_ROLE, scope: null }],
];

describe('a wanted role that neither store has', () => {
  it('is inserted into both with one new id', () => {
    const observed = { mongo: [], postgres: [] };
    expect(annWith({})).toEqual({ changes: BOTH_INSERTED, blocked: [], observed, findings: [] });
  });

  it('does not go by rows of other roles', () => {
    const others = { mongo: [mongoRow('members', 'a1')], postgres: [postgresRow('Member', 1, 'a1')] };
    expect(annWith(others, { policy: { memberExtras: 'keep' } }).changes).toEqual(BOTH_INSERTED);
  });

  it.each<(typeof NOT_THE_COPY)[number]>([...NOT_THE_COPY, ['inactive and her own', ANNS_ROLE]])(
    'is a conflict if the new id is taken by a row %s',
    (_, found) => {
      const document: LinkedRow<string> = { id: NEW_ID, ...found };
      const row: LinkedPostgres = { id: 5, mongoId: NEW_ID, ...found };
      expect(annWith({}, { linkedMongo: [document] })).toMatchObject(CONFLICT);
      expect(annWith({}, { linkedPostgres: [row] })).toMatchObject(CONFLICT);
      expect(annWith({}, { linkedMongo: [document, document] })).toMatchObject(CONFLICT);
      expect(annWith({}, { linkedPostgres: [row, row] })).toMatchObject(CONFLICT);
    },
  );

  it('is no conflict if another id is taken', () => {
    const links = {
      linkedMongo: [{ id: hex('a1'), ...ANNS_ROLE }],
      linkedPostgres: [{ id: 5, mongoId: hex('a1'), ...ANNS_ROLE }],
    };
    const { changes, blocked } = annWith({}, links);
    expect(changes).toEqual(annWith({}).changes);
    expect(blocked).toEqual([]);
  });
});

describe('a wanted role that only MongoDB has', () => {
  const ann = { mongo: [mongoRow('member', 'a1')] };
  const copy: LinkedPostgres = {
    id: 5,
    mongoId: hex('a1'),
    ...ANNS_ROLE,
  };

  it('is inserted into Postgres with the id of the document, where no row has it', () => {
    expect(annWith(ann)).toMatchObject({
      changes: [`postgres insert member ${hex('a1')} member-wants`],
      observed: { ...ann, postgres: [] },
      blocked: [],
      findings: [],
    });
  });

  it('is inserted whatever has the id in MongoDB, or the new id anywhere', () => {
    const links = {
      linkedMongo: [
        { id: hex('a1'), ...ANNS_ROLE, active: true },
        { id: NEW_ID, ...ANNS_ROLE },
      ],
      linkedPostgres: [{ id: 5, mongoId: NEW_ID, ...ANNS_ROLE }],
    };
    expect(annWith(ann, links).changes).toEqual([`postgres insert member ${hex('a1')} member-wants`]);
  });

  it('is reactivated where its inactive copy is, which is then observed', () => {
    expect(annWith(ann, { linkedPostgres: [copy] })).toMatchObject({
      changes: ['postgres reactivate member 5 member-wants'],
      observed: { ...ann, postgres: [{ id: 5, mongoId: hex('a1'), role: 'member', active: false }] },
      blocked: [],
    });
  });

  it('observes the copy among the active rows by id', () => {
    const postgres = [postgresRow('viewer', 4, 'b4'), postgresRow('viewer', 40, 'b5')];
    const { observed } = annWith({ ...ann, postgres }, { linkedPostgres: [copy] });
    expect(observed?.postgres.map(({ id, active }) => ({ id, active }))).toEqual([
      { id: 4, active: true },
      { id: 5, active: false },
      { id: 40, active: true },
    ]);
  });

  it.each(NOT_THE_COPY)('is a conflict where the linked row is %s', (_, found) => {
    expect(annWith(ann, { linkedPostgres: [{ ...copy, ...found }] })).toMatchObject(CONFLICT);
  });

  it('is a conflict where several rows have the link', () => {
    expect(annWith(ann, { linkedPostgres: [copy, { ...copy, id: 6 }] })).toMatchObject(CONFLICT);
  });

  it('goes by the document with the lowest id', () => {
    const mongo = [mongoRow('member', 'a1'), mongoRow('member', 'a2')];
    const other = { ...copy, id: 6, mongoId: hex('a2') };
    expect(annWith({ mongo }, { linkedPostgres: [other] }).changes).toEqual([
      `postgres insert member ${hex('a1')} member-wants`,
    ]);
    expect(annWith({ mongo }, { linkedPostgres: [copy, other] }).changes).toEqual([
      'postgres reactivate member 5 member-wants',
    ]);
  });
});

describe('a wanted role that only Postgres has', () => {
  const ann = { postgres: [postgresRow('member', 5, 'a1')] };
  const copy: LinkedRow<string> = { id: hex('a1'), ...ANNS_ROLE };

  it('is inserted into MongoDB with the link of the row, where no document has it', () => {
    expect(annWith(ann)).toMatchObject({
      changes: [`mongo insert member ${hex('a1')} member-wants`],
      observed: { ...ann, mongo: [] },
      blocked: [],
      findings: [],
    });
  });

  it('is inserted whatever has the link in Postgres, or the new id anywhere', () => {
    const links = {
      linkedMongo: [{ id: NEW_ID, ...ANNS_ROLE }],
      linkedPostgres: [
        { id: 5, mongoId: hex('a1'), ...ANNS_ROLE, active: true },
        { id: 6, mongoId: NEW_ID, ...ANNS_ROLE },
      ],
    };
    expect(annWith(ann, links).changes).toEqual([`mongo insert member ${hex('a1')} member-wants`]);
  });

  it('is reactivated where its inactive copy is, which is then observed', () => {
    expect(annWith(ann, { linkedMongo: [copy] })).toMatchObject({
      changes: [`mongo reactivate member ${hex('a1')} member-wants`],
      observed: { ...ann, mongo: [{ id: hex('a1'), role: 'member', active: false }] },
      blocked: [],
    });
  });

  it('observes the copy among the active documents by id', () => {
    const mongo = [mongoRow('viewer', 'a0'), mongoRow('viewer', 'b0')];
    const { observed } = annWith({ ...ann, mongo }, { linkedMongo: [copy] });
    expect(observed?.mongo.map(({ id, active }) => ({ id, active }))).toEqual([
      { id: hex('a0'), active: true },
      { id: hex('a1'), active: false },
      { id: hex('b0'), active: true },
    ]);
  });

  it.each(NOT_THE_COPY)('is a conflict where the linked document is %s', (_, found) => {
    expect(annWith(ann, { linkedMongo: [{ ...copy, ...found }] })).toMatchObject(CONFLICT);
  });

  it('is a conflict where several documents have the id', () => {
    expect(annWith(ann, { linkedMongo: [copy, copy] })).toMatchObject(CONFLICT);
  });

  it('goes by the row with the lowest id, in number', () => {
    const postgres = [postgresRow('member', 9, 'a9'), postgresRow('member', 10, 'a1')];
    expect(annWith({ postgres }, { linkedMongo: [copy] }).changes).toEqual([
      `mongo insert member ${hex('a9')} member-wants`,
    ]);
  });

  it('has no link: is inserted into MongoDB alone, with a new id, as a finding', () => {
    expect(annWith({ postgres: [postgresRow('member', 5, null)] })).toMatchObject({
      changes: [`mongo insert member ${NEW_ID} member-wants`],
      findings: [{ code: 'unlinked-row', team: TEAM, user: ANN }],
      blocked: [],
    });
  });

  it('has no link, and a later row has one: the lowest id decides', () => {
    const postgres = [postgresRow('member', 5, null), postgresRow('member', 6, 'a1')];
    expect(annWith({ postgres }, { linkedMongo: [copy] }).changes).toEqual([
      `mongo insert member ${NEW_ID} member-wants`,
    ]);
  });

  it.each([
    { store: 'MongoDB', links: { linkedMongo: [{ ...copy, id: NEW_ID }] } },
    { store: 'Postgres', links: { linkedPostgres: [{ id: 6, mongoId: NEW_ID, ...ANNS_ROLE }] } },
  ])('has no link, and the new id is taken in $store: a conflict', ({ links }) => {
    expect(annWith({ postgres: [postgresRow('member', 5, null)] }, links)).toMatchObject(CONFLICT);
  });
});

describe('a wanted role that both stores have', () => {
  it.each([
    { name: 'linked', postgres: [postgresRow('member', 5, 'a1')] },
    { name: 'linked elsewhere', postgres: [postgresRow('member', 5, 'b7')] },
    { name: 'not linked', postgres: [postgresRow('member', 5, null)] },
  ])('is skipped: $name, whatever stands under any id', ({ postgres }) => {
    const taken = { ...ANNS_ROLE, user: BOB };
    const links = {
      linkedMongo: [hex('a1'), hex('b7'), NEW_ID].map((id) => ({ id, ...taken })),
      linkedPostgres: [hex('a1'), hex('b7'), NEW_ID].map((mongoId) => ({ id: 8, mongoId, ...taken })),
    };
    expect(annWith({ mongo: [mongoRow('member', 'a1')], postgres }, links)).toMatchObject({
      changes: [],
      blocked: [],
      findings: [],
    });
  });
});
