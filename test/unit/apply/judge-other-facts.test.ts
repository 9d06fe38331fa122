import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { Team } from '../../../src/model/team.js';
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
  OWNER,
  postgresChange,
  TEAM,
} from './sample-rows.js';

/** Ann is a plain member: her `admin` goes in both stores, her `member` stays. */
const admin = { role: 'admin', id: rows.OTHER_LINK };
const adminRow = { role: 'admin', id: rows.OTHER_SERIAL, mongoId: rows.OTHER_LINK };
const REMOVAL = decision({
  observed: {
    mongo: [observedMongo(), observedMongo(admin)],
    postgres: [observedPostgres(), observedPostgres(adminRow)],
  },
  changes: [
    mongoChange('delete', observedMongo(admin)),
    postgresChange('delete', observedPostgres(adminRow)),
  ],
});
const PLANNED = { team: TEAM, decisions: [REMOVAL] };
const BEFORE = { mongo: [liveMongo(), liveMongo(admin)], postgres: [livePostgres(), livePostgres(adminRow)] };
const AFTER = { mongo: [liveMongo()], postgres: [livePostgres()] };

describe('rows that no change is about', () => {
  const mongoToo = (parts: object) => ({ ...BEFORE, mongo: [liveMongo(parts), liveMongo(admin)] });
  const postgresToo = (parts: object) => ({
    ...BEFORE,
    postgres: [livePostgres(parts), livePostgres(adminRow)],
  });

  it.each([
    ['is gone from mongo', { ...BEFORE, mongo: [liveMongo(admin)] }],
    ['is inactive in mongo', mongoToo({ active: false })],
    ['has another role in mongo', mongoToo({ role: 'viewer' })],
    ['is of another user in mongo', mongoToo({ user: BOB })],
    ['is gone from postgres', { ...BEFORE, postgres: [livePostgres(adminRow)] }],
    ['is inactive in postgres', postgresToo({ active: false })],
    ['has another link in postgres', postgresToo({ mongoId: null })],
    ['has another team in postgres', postgresToo({ team: rows.OTHER_TEAM_ID })],
  ])('make drift where one %s', (_, found) => {
    const judgement = judged(PLANNED, found);
    expect(judgement.kind === 'drifted' ? judgement.drifts.length : 0).toBe(1);
  });

  it('make drift also after every change has taken effect', () => {
    const found = { ...AFTER, mongo: [liveMongo({ active: false })] };
    expect(judged(PLANNED, found)).toMatchObject({ kind: 'drifted', applied: 2, pending: [] });
  });

  it('show what was planned and what was found, side by side', () => {
    const found = { ...BEFORE, mongo: [liveMongo({ active: false }), liveMongo(admin)] };
    const planned = { id: LINK, role: 'member', active: true };
    const drifts = [{ user: ANN, about: 'mongo', planned, found: { ...planned, active: false } }];
    expect(judged(PLANNED, found)).toMatchObject({ drifts });
  });
});

describe('a row that the plan does not know', () => {
  const extraMongo = liveMongo({ id: 'a00000000000000000000009', role: 'viewer' });
  const extraPostgres = livePostgres({ id: 99, mongoId: null, role: 'viewer' });

  it('makes drift where it is an active one of the same user in the same team, in either store', () => {
    const inMongo = { ...BEFORE, mongo: [...BEFORE.mongo, extraMongo] };
    const inPostgres = { ...BEFORE, postgres: [...BEFORE.postgres, extraPostgres] };
    expect(judged(PLANNED, inMongo).kind).toBe('drifted');
    expect(judged(PLANNED, inPostgres).kind).toBe('drifted');
  });

  it.each([
    ['old and inactive', { active: false }],
    ["another user's", { user: BOB }],
    ["another team's", { team: rows.OTHER_TEAM_ID }],
    ['of another scope', { scope: 'GLOBAL' }],
  ])('makes none where it is %s', (_, parts) => {
    const found = {
      mongo: [...BEFORE.mongo, liveMongo({ id: 'a00000000000000000000009', role: 'viewer', ...parts })],
      postgres: [...BEFORE.postgres, livePostgres({ id: 99, mongoId: null, role: 'viewer', ...parts })],
    };
    expect(judged(PLANNED, found).kind).toBe('planned');
  });
});

describe('another document with the digits of a planned one', () => {
  const twins = (...ids: string[]) =>
    ids.map((id) => liveMongo({ id, idForm: 'string', role: 'viewer', active: false }));

  it('is no drift, before and after, where it is no active role of the user', () => {
    const both = twins(LINK, rows.OTHER_LINK);
    const before = { ...BEFORE, mongo: [...both, ...BEFORE.mongo] };
    const after = { ...AFTER, mongo: [...AFTER.mongo, ...both] };
    expect(judged(PLANNED, before).kind).toBe('planned');
    expect(judged(PLANNED, after).kind).toBe('done');
  });

  it('does not stand for the planned one when that is gone', () => {
    const gone = { ...BEFORE, mongo: [...twins(LINK), liveMongo(admin)] };
    expect(judged(PLANNED, gone).kind).toBe('drifted');
  });

  it('does not pass for the planned one deactivated', () => {
    const observed = { mongo: [observedMongo()], postgres: [] };
    const planned = {
      team: TEAM,
      decisions: [decision({ observed, changes: [mongoChange('deactivate')] })],
    };
    const twin = liveMongo({ idForm: 'string', active: false });
    expect(judged(planned, { mongo: [twin, liveMongo()] }).kind).toBe('planned');
    expect(judged(planned, { mongo: [twin] }).kind).toBe('drifted');
  });
});

describe('standings', () => {
  const outsider = decision({ ...REMOVAL, standing: 'outsider', member: false });

  it('make drift of a half-done team', () => {
    const found = { ...BEFORE, mongo: AFTER.mongo, members: new Set<string>() };
    expect(judged(PLANNED, found)).toMatchObject({ kind: 'drifted', applied: 1 });
  });

  it('leave a team done whose rows are all as they will be, and are reported as changed', () => {
    const gone = { state: 'missing' as const, createdBy: null };
    for (const standings of [{ members: new Set<string>() }, { createdBy: ANN }, gone]) {
      const judgement = judged(PLANNED, { ...AFTER, ...standings });
      expect(judgement).toEqual({ kind: 'done', applied: 2, standing: 'changed' });
    }
  });

  it('have not changed where the facts have, but nobody became something else', () => {
    const judgement = judged(PLANNED, { ...AFTER, createdBy: BOB });
    expect(judgement).toEqual({ kind: 'done', applied: 2, standing: 'same' });
  });

  it('of a deleted team follow the policy', () => {
    const deleted: Team = { ...TEAM, state: 'deleted' };
    const planned = { team: deleted, decisions: [outsider] };
    const terms = { ...rows.TERMS, policy: { ...DEFAULT_POLICY, deletedTeams: 'deactivate' as const } };
    const stillDeleted = { ...AFTER, state: 'deleted' as const, members: new Set([ANN]) };
    const liveAgain = { ...AFTER, members: new Set([ANN]) };
    expect(judged(planned, stillDeleted, terms)).toMatchObject({ kind: 'done', standing: 'same' });
    expect(judged(planned, liveAgain, terms)).toMatchObject({ kind: 'done', standing: 'changed' });
  });

  it('of users without a decision are no drift', () => {
    const members = new Set([ANN, BOB, OWNER]);
    expect(judged(PLANNED, { ...BEFORE, members }).kind).toBe('planned');
  });

  it('do not matter to a plan whose preconditions are the rows alone', () => {
    const terms = { ...rows.TERMS, preconditions: 'rows-alone' as const };
    const gone = { state: 'missing' as const, createdBy: null, members: new Set<string>() };
    expect(judged(PLANNED, { ...BEFORE, ...gone }, terms).kind).toBe('planned');
    expect(judged(PLANNED, { ...AFTER, ...gone }, terms)).toMatchObject({ standing: 'same' });
    const drifted = { ...BEFORE, ...gone, mongo: [liveMongo(admin)] };
    expect(judged(PLANNED, drifted, terms).kind).toBe('drifted');
  });
});

describe('several users of one team', () => {
  const ownerGrant = decision({
    user: OWNER,
    standing: 'owner',
    changes: [mongoChange('insert', { id: 'a00000000000000000000007', role: 'owner', active: true })],
  });

  const planned = { team: TEAM, decisions: [ownerGrant, REMOVAL] };

  it('are judged each by their own facts, and the team is as far as the least of them', () => {
    const members = new Set([ANN, OWNER]);
    const pending = [{ user: OWNER }];
    expect(judged(planned, { ...AFTER, members })).toMatchObject({ kind: 'half-done', applied: 2, pending });
  });

  it('drift together: one of them stops the team', () => {
    const judgement = judged(planned, { ...BEFORE, members: new Set([ANN]) });
    expect(judgement.kind === 'drifted' ? judgement.drifts.map((drift) => drift.user) : []).toEqual([OWNER]);
  });
});
