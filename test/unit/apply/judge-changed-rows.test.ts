import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/model/decision.js';
import {
  ANN,
  BOB,
  decision,
  judged,
  LINK,
  live,
  liveMongo,
  livePostgres,
  mongoChange,
  observedMongo,
  observedPostgres,
  OTHER_LINK,
  OTHER_SERIAL,
  OTHER_TEAM_ID,
  postgresChange,
  TEAM,
  TERMS,
  type LiveTeam,
} from './sample-rows.js';

type Rows = Partial<Pick<LiveTeam, 'mongo' | 'postgres'>>;

interface Case {
  readonly name: string;
  readonly decision: Decision;
  /** The rows as the plan saw them, and as they are once the change has taken effect. */
  readonly before: Rows;
  readonly after: Rows;
  /** Rows that are neither. */
  readonly drifts: Readonly<Record<string, Rows>>;
}

const inactive = { active: false };

/** How a Mongo document that is to be altered can be neither as observed nor as it will be. */
const alteredMongo = {
  'is of another user': { mongo: [liveMongo({ user: BOB })] },
  'is of an illegible user': { mongo: [liveMongo({ user: null })] },
  'is of another team': { mongo: [liveMongo({ team: OTHER_TEAM_ID })] },
  'has another role': { mongo: [liveMongo({ role: 'viewer' })] },
  'has another scope': { mongo: [liveMongo({ scope: 'GLOBAL' })] },
  'is there twice, as ObjectId and as string': { mongo: [liveMongo(), liveMongo({ idForm: 'string' })] },
};
const alteredPostgres = {
  'is of another user': { postgres: [livePostgres({ user: BOB })] },
  'is of another team': { postgres: [livePostgres({ team: OTHER_TEAM_ID })] },
  'has another role': { postgres: [livePostgres({ role: 'viewer' })] },
  'has another scope': { postgres: [livePostgres({ scope: 'GLOBAL' })] },
  'has another link': { postgres: [livePostgres({ mongoId: OTHER_LINK })] },
  'has lost its link': { postgres: [livePostgres({ mongoId: null })] },
};

const CASES: readonly Case[] = [
  {
    name: 'insert in mongo',
    decision: decision({ changes: [mongoChange('insert')] }),
    before: {},
    after: { mongo: [liveMongo()] },
    drifts: {
      'the new id is taken by an inactive row': { mongo: [liveMongo(inactive)] },
      'the new id is taken by another user': { mongo: [liveMongo({ user: BOB })] },
      'the new id is taken in another team': { mongo: [liveMongo({ team: OTHER_TEAM_ID })] },
      'the new id is taken by another role': { mongo: [liveMongo({ role: 'admin' })] },
      'the new id is taken by another scope': { mongo: [liveMongo({ scope: 'GLOBAL' })] },
      'the new id is taken by an illegible row': {
        mongo: [liveMongo({ user: null, team: null, role: null })],
      },
      'the new id is taken in postgres': { postgres: [livePostgres({ user: BOB })] },
      'the same role came under another id': { mongo: [liveMongo({ id: OTHER_LINK })] },
      'the same role came under another id as well': { mongo: [liveMongo(), liveMongo({ id: OTHER_LINK })] },
    },
  },
  {
    name: 'insert in postgres',
    decision: decision({ changes: [postgresChange('insert')] }),
    before: {},
    after: { postgres: [livePostgres()] },
    drifts: {
      'the link is taken by an inactive row': { postgres: [livePostgres(inactive)] },
      'the link is taken by another user': { postgres: [livePostgres({ user: BOB })] },
      'the link is taken in another team': { postgres: [livePostgres({ team: OTHER_TEAM_ID })] },
      'the link is taken by another role': { postgres: [livePostgres({ role: 'admin' })] },
      'the link is taken by another scope': { postgres: [livePostgres({ scope: 'GLOBAL' })] },
      'the link is taken in mongo': { mongo: [liveMongo({ user: BOB })] },
      'the link is taken in mongo by an inactive row': { mongo: [liveMongo(inactive)] },
      'the same role came with another link': { postgres: [livePostgres({ mongoId: OTHER_LINK })] },
      'the same role came without a link': { postgres: [livePostgres({ mongoId: null })] },
    },
  },
  {
    name: 'deactivate in mongo',
    decision: decision({
      observed: { mongo: [observedMongo()], postgres: [] },
      changes: [mongoChange('deactivate')],
    }),
    before: { mongo: [liveMongo()] },
    after: { mongo: [liveMongo(inactive)] },
    drifts: { 'is gone': {}, ...alteredMongo },
  },
  {
    name: 'deactivate in postgres',
    decision: decision({
      observed: { mongo: [], postgres: [observedPostgres()] },
      changes: [postgresChange('deactivate')],
    }),
    before: { postgres: [livePostgres()] },
    after: { postgres: [livePostgres(inactive)] },
    drifts: { 'is gone': {}, ...alteredPostgres },
  },
  {
    name: 'delete in mongo',
    decision: decision({
      observed: { mongo: [observedMongo()], postgres: [] },
      changes: [mongoChange('delete')],
    }),
    before: { mongo: [liveMongo()] },
    after: {},
    drifts: { 'is inactive': { mongo: [liveMongo(inactive)] }, ...alteredMongo },
  },
  {
    name: 'delete in postgres',
    decision: decision({
      observed: { mongo: [], postgres: [observedPostgres()] },
      changes: [postgresChange('delete')],
    }),
    before: { postgres: [livePostgres()] },
    after: {},
    drifts: {
      'is inactive': { postgres: [livePostgres(inactive)] },
      'came again under another id': { postgres: [livePostgres({ id: OTHER_SERIAL })] },
      ...alteredPostgres,
    },
  },
  {
    name: 'reactivate in mongo',
    decision: decision({
      observed: { mongo: [observedMongo(inactive)], postgres: [observedPostgres()] },
      changes: [mongoChange('reactivate', observedMongo(inactive))],
    }),
    before: { mongo: [liveMongo(inactive)], postgres: [livePostgres()] },
    after: { mongo: [liveMongo()], postgres: [livePostgres()] },
    drifts: {
      'is gone': { postgres: [livePostgres()] },
      'is of another user': { mongo: [liveMongo({ ...inactive, user: BOB })], postgres: [livePostgres()] },
      'another one holds the role': {
        mongo: [liveMongo(inactive), liveMongo({ id: OTHER_LINK })],
        postgres: [livePostgres()],
      },
      'the other end of the link is inactive': {
        mongo: [liveMongo(inactive)],
        postgres: [livePostgres(inactive)],
      },
      'the other end of the link has lost it': {
        mongo: [liveMongo(inactive)],
        postgres: [livePostgres({ mongoId: null })],
      },
    },
  },
  {
    name: 'reactivate in postgres',
    decision: decision({
      observed: { mongo: [observedMongo()], postgres: [observedPostgres(inactive)] },
      changes: [postgresChange('reactivate', observedPostgres(inactive))],
    }),
    before: { mongo: [liveMongo()], postgres: [livePostgres(inactive)] },
    after: { mongo: [liveMongo()], postgres: [livePostgres()] },
    drifts: {
      'is gone': { mongo: [liveMongo()] },
      'has another link': {
        mongo: [liveMongo()],
        postgres: [livePostgres({ ...inactive, mongoId: OTHER_LINK })],
      },
      'another one holds the role': {
        mongo: [liveMongo()],
        postgres: [livePostgres(inactive), livePostgres({ id: OTHER_SERIAL, mongoId: OTHER_LINK })],
      },
      'the other end of the link is inactive': {
        mongo: [liveMongo(inactive)],
        postgres: [livePostgres(inactive)],
      },
      'the other end of the link is gone': { postgres: [livePostgres(inactive)] },
    },
  },
];

describe.each(CASES)('$name', (given) => {
  const planned = { team: TEAM, decisions: [given.decision] };

  it('is planned while the row is as before', () => {
    const [change] = given.decision.changes;
    const rows = change?.op === 'insert' ? [] : (given.before[change?.store ?? 'mongo'] ?? []);
    const pending = [{ user: ANN, change, undo: null, before: rows[0] ?? null }];
    expect(judged(planned, live(given.before), TERMS)).toEqual({ kind: 'planned', applied: 0, pending });
  });

  it('is done once the row is as after', () => {
    expect(judged(planned, live(given.after), TERMS)).toEqual({ kind: 'done', applied: 1, standing: 'same' });
  });

  it.each(Object.entries(given.drifts))('has drifted where the row %s', (_, rows) => {
    expect(judged(planned, live(rows), TERMS).kind).toBe('drifted');
  });
});

describe('the two copies of one new role', () => {
  const both = decision({ changes: [mongoChange('insert'), postgresChange('insert')] });
  const [inMongo, inPostgres] = both.changes;
  const planned = { team: TEAM, decisions: [both] };

  it('are half done when only MongoDB has its copy', () => {
    expect(judged(planned, live({ mongo: [liveMongo()] }), TERMS)).toEqual({
      kind: 'half-done',
      applied: 1,
      pending: [{ user: ANN, change: inPostgres, undo: null, before: null }],
    });
  });

  it('are half done when only Postgres has its copy', () => {
    expect(judged(planned, live({ postgres: [livePostgres()] }), TERMS)).toEqual({
      kind: 'half-done',
      applied: 1,
      pending: [{ user: ANN, change: inMongo, undo: null, before: null }],
    });
  });

  it('have drifted when one is right and the other is not', () => {
    const judgement = judged(
      planned,
      live({ mongo: [liveMongo()], postgres: [livePostgres({ active: false })] }),
      TERMS,
    );
    expect(judgement).toEqual({
      kind: 'drifted',
      applied: 1,
      pending: [],
      drifts: [
        {
          user: ANN,
          about: 'postgres',
          planned: null,
          found: { id: '71', mongoId: LINK, role: 'member', active: false },
        },
      ],
    });
  });

  it('show whose row it is that took the id', () => {
    const rows = live({ mongo: [liveMongo({ user: BOB, team: OTHER_TEAM_ID, scope: 'GLOBAL' })] });
    const judgement = judged(planned, rows, TERMS);
    expect(judgement.kind === 'drifted' ? judgement.drifts : []).toEqual([
      {
        user: ANN,
        about: 'mongo',
        planned: null,
        found: {
          id: LINK,
          mongoId: LINK,
          role: 'member',
          active: true,
          user: BOB,
          team: OTHER_TEAM_ID,
          scope: 'GLOBAL',
        },
      },
    ]);
  });
});
