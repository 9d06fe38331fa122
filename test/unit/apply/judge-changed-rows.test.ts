import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/model/decision.js';
import * as rows from './sample-rows.js';
import {
  ANN,
  BOB,
  decision,
  judged,
  LINK,
  liveMongo,
  livePostgres,
  mongoChange,
  observedMongo,
  observedPostgres,
  postgresChange,
} from './sample-rows.js';

type Rows = Partial<Pick<rows.LiveTeam, 'mongo' | 'postgres'>>;

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
const IN_MONGO = { mongo: [observedMongo()], postgres: [] };
const IN_POSTGRES = { mongo: [], postgres: [observedPostgres()] };

const inMongo = (...all: Parameters<typeof liveMongo>): Rows => ({ mongo: [liveMongo(...all)] });
const inPostgres = (...all: Parameters<typeof livePostgres>): Rows => ({ postgres: [livePostgres(...all)] });

/** How a row can be another than the planned one, in either store. */
const OTHERWISE = {
  'is of another user': { user: BOB },
  'is of another team': { team: rows.OTHER_TEAM_ID },
  'has another role': { role: 'viewer' },
  'has another scope': { scope: 'GLOBAL' },
};
type Otherwise = Readonly<Record<string, object>>;
const mongoDrifts = (all: Otherwise): Record<string, Rows> =>
  Object.fromEntries(Object.entries(all).map(([how, parts]) => [how, inMongo(parts)]));
const postgresDrifts = (all: Otherwise): Record<string, Rows> =>
  Object.fromEntries(Object.entries(all).map(([how, parts]) => [how, inPostgres(parts)]));

/** How a row that is to be altered can be neither as observed nor as it will be. */
const alteredMongo = {
  ...mongoDrifts({ ...OTHERWISE, 'is of an illegible user': { user: null } }),
  'is there twice, as ObjectId and as string': { mongo: [liveMongo(), liveMongo({ idForm: 'string' })] },
};
const alteredPostgres = postgresDrifts({
  ...OTHERWISE,
  'has another link': { mongoId: rows.OTHER_LINK },
  'has lost its link': { mongoId: null },
});

const bothLive = { mongo: [liveMongo()], postgres: [livePostgres()] };
const bothInactive = { mongo: [liveMongo(inactive)], postgres: [livePostgres(inactive)] };

const CASES: readonly Case[] = [
  {
    name: 'insert in mongo',
    decision: decision({ changes: [mongoChange('insert')] }),
    before: {},
    after: inMongo(),
    drifts: {
      ...mongoDrifts({
        ...OTHERWISE,
        'is inactive': inactive,
        'is illegible': { user: null, team: null, role: null },
      }),
      'has its id taken in postgres': inPostgres({ user: BOB }),
      'came under another id': inMongo({ id: rows.OTHER_LINK }),
      'came under another id as well': { mongo: [liveMongo(), liveMongo({ id: rows.OTHER_LINK })] },
    },
  },
  {
    name: 'insert in postgres',
    decision: decision({ changes: [postgresChange('insert')] }),
    before: {},
    after: inPostgres(),
    drifts: {
      ...alteredPostgres,
      'is inactive': inPostgres(inactive),
      'has its link taken in mongo': inMongo({ user: BOB }),
      'has its link taken in mongo by an inactive row': inMongo(inactive),
    },
  },
  {
    name: 'deactivate in mongo',
    decision: decision({ observed: IN_MONGO, changes: [mongoChange('deactivate')] }),
    before: inMongo(),
    after: inMongo(inactive),
    drifts: { 'is gone': {}, ...alteredMongo },
  },
  {
    name: 'deactivate in postgres',
    decision: decision({ observed: IN_POSTGRES, changes: [postgresChange('deactivate')] }),
    before: inPostgres(),
    after: inPostgres(inactive),
    drifts: { 'is gone': {}, ...alteredPostgres },
  },
  {
    name: 'delete in mongo',
    decision: decision({ observed: IN_MONGO, changes: [mongoChange('delete')] }),
    before: inMongo(),
    after: {},
    drifts: { 'is inactive': inMongo(inactive), ...alteredMongo },
  },
  {
    name: 'delete in postgres',
    decision: decision({ observed: IN_POSTGRES, changes: [postgresChange('delete')] }),
    before: inPostgres(),
    after: {},
    drifts: {
      'is inactive': inPostgres(inactive),
      'came again under another id': inPostgres({ id: rows.OTHER_SERIAL }),
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
    after: bothLive,
    drifts: {
      'is gone': inPostgres(),
      'is of another user': { mongo: [liveMongo({ ...inactive, user: BOB })], postgres: [livePostgres()] },
      'another one holds the role': {
        ...bothLive,
        mongo: [liveMongo(inactive), liveMongo({ id: rows.OTHER_LINK })],
      },
      'the other end of the link is inactive': bothInactive,
      'the other end of the link has lost it': {
        ...bothInactive,
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
    after: bothLive,
    drifts: {
      'is gone': inMongo(),
      'has another link': {
        ...bothLive,
        postgres: [livePostgres({ ...inactive, mongoId: rows.OTHER_LINK })],
      },
      'another one holds the role': {
        ...bothLive,
        postgres: [livePostgres(inactive), livePostgres({ id: rows.OTHER_SERIAL, mongoId: rows.OTHER_LINK })],
      },
      'the other end of the link is inactive': bothInactive,
      'the other end of the link is gone': inPostgres(inactive),
    },
  },
];

describe.each(CASES)('$name', (given) => {
  const planned = { team: rows.TEAM, decisions: [given.decision] };

  it('is planned while the row is as before', () => {
    const [change] = given.decision.changes;
    const [before = null] = change?.op === 'insert' ? [] : (given.before[change?.store ?? 'mongo'] ?? []);
    const pending = [{ user: ANN, change, undo: null, before }];
    expect(judged(planned, given.before)).toEqual({ kind: 'planned', applied: 0, pending });
  });

  it('is done once the row is as after', () => {
    expect(judged(planned, given.after)).toEqual({ kind: 'done', applied: 1, standing: 'same' });
  });

  it.each(Object.entries(given.drifts))('has drifted where the row %s', (_, found) => {
    expect(judged(planned, found).kind).toBe('drifted');
  });
});

describe('the two copies of one new role', () => {
  const both = decision({ changes: [mongoChange('insert'), postgresChange('insert')] });
  const [change, other] = both.changes;
  const planned = { team: rows.TEAM, decisions: [both] };

  it.each([
    ['MongoDB', inMongo(), other],
    ['Postgres', inPostgres(), change],
  ])('are half done when only %s has its copy', (_, found, left) => {
    const pending = [{ user: ANN, change: left, undo: null, before: null }];
    expect(judged(planned, found)).toEqual({ kind: 'half-done', applied: 1, pending });
  });

  it('have drifted when one is right and the other is not', () => {
    const spoilt = { mongo: [liveMongo()], postgres: [livePostgres(inactive)] };
    const found = { id: '71', mongoId: LINK, role: 'member', active: false };
    const drifts = [{ user: ANN, about: 'postgres', planned: null, found }];
    expect(judged(planned, spoilt)).toEqual({ kind: 'drifted', applied: 1, pending: [], drifts });
  });

  it('show whose row it is that took the id', () => {
    const whose = { user: BOB, team: rows.OTHER_TEAM_ID, scope: 'GLOBAL' };
    const found = { id: LINK, mongoId: LINK, role: 'member', active: true, ...whose };
    const judgement = judged(planned, inMongo(whose));
    expect(judgement).toMatchObject({ drifts: [{ user: ANN, about: 'mongo', planned: null, found }] });
  });
});
