import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/model/decision.js';
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
  OTHER_LINK,
  OTHER_SERIAL,
  OTHER_TEAM_ID,
  postgresChange,
  TEAM,
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
const IN_MONGO = { mongo: [observedMongo()], postgres: [] };
const IN_POSTGRES = { mongo: [], postgres: [observedPostgres()] };

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

const bothLive = { mongo: [liveMongo()], postgres: [livePostgres()] };
const bothInactive = { mongo: [liveMongo(inactive)], postgres: [livePostgres(inactive)] };

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
    decision: decision({ observed: IN_MONGO, changes: [mongoChange('deactivate')] }),
    before: { mongo: [liveMongo()] },
    after: { mongo: [liveMongo(inactive)] },
    drifts: { 'is gone': {}, ...alteredMongo },
  },
  {
    name: 'deactivate in postgres',
    decision: decision({ observed: IN_POSTGRES, changes: [postgresChange('deactivate')] }),
    before: { postgres: [livePostgres()] },
    after: { postgres: [livePostgres(inactive)] },
    drifts: { 'is gone': {}, ...alteredPostgres },
  },
  {
    name: 'delete in mongo',
    decision: decision({ observed: IN_MONGO, changes: [mongoChange('delete')] }),
    before: { mongo: [liveMongo()] },
    after: {},
    drifts: { 'is inactive': { mongo: [liveMongo(inactive)] }, ...alteredMongo },
  },
  {
    name: 'delete in postgres',
    decision: decision({ observed: IN_POSTGRES, changes: [postgresChange('delete')] }),
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
    after: bothLive,
    drifts: {
      'is gone': { postgres: [livePostgres()] },
      'is of another user': { mongo: [liveMongo({ ...inactive, user: BOB })], postgres: [livePostgres()] },
      'another one holds the role': {
        ...bothLive,
        mongo: [liveMongo(inactive), liveMongo({ id: OTHER_LINK })],
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
      'is gone': { mongo: [liveMongo()] },
      'has another link': { ...bothLive, postgres: [livePostgres({ ...inactive, mongoId: OTHER_LINK })] },
      'another one holds the role': {
        ...bothLive,
        postgres: [livePostgres(inactive), livePostgres({ id: OTHER_SERIAL, mongoId: OTHER_LINK })],
      },
      'the other end of the link is inactive': bothInactive,
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
    expect(judged(planned, given.before)).toEqual({ kind: 'planned', applied: 0, pending });
  });

  it('is done once the row is as after', () => {
    expect(judged(planned, given.after)).toEqual({ kind: 'done', applied: 1, standing: 'same' });
  });

  it.each(Object.entries(given.drifts))('has drifted where the row %s', (_, rows) => {
    expect(judged(planned, rows).kind).toBe('drifted');
  });
});

describe('the two copies of one new role', () => {
  const both = decision({ changes: [mongoChange('insert'), postgresChange('insert')] });
  const [inMongo, inPostgres] = both.changes;
  const planned = { team: TEAM, decisions: [both] };

  it.each([
    ['MongoDB', { mongo: [liveMongo()] }, inPostgres],
    ['Postgres', { postgres: [livePostgres()] }, inMongo],
  ])('are half done when only %s has its copy', (_, rows, change) => {
    const pending = [{ user: ANN, change, undo: null, before: null }];
    expect(judged(planned, rows)).toEqual({ kind: 'half-done', applied: 1, pending });
  });

  it('have drifted when one is right and the other is not', () => {
    const rows = { mongo: [liveMongo()], postgres: [livePostgres(inactive)] };
    const found = { id: '71', mongoId: LINK, role: 'member', active: false };
    const drifts = [{ user: ANN, about: 'postgres', planned: null, found }];
    expect(judged(planned, rows)).toEqual({ kind: 'drifted', applied: 1, pending: [], drifts });
  });

  it('show whose row it is that took the id', () => {
    const whose = { user: BOB, team: OTHER_TEAM_ID, scope: 'GLOBAL' };
    const found = { id: LINK, mongoId: LINK, role: 'member', active: true, ...whose };
    const judgement = judged(planned, { mongo: [liveMongo(whose)] });
    expect(judgement).toMatchObject({ drifts: [{ user: ANN, about: 'mongo', planned: null, found }] });
  });
});
