import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { Team } from '../../../src/model/team.js';
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
  OWNER,
  postgresChange,
  TEAM,
  TERMS,
} from './sample-rows.js';

/** Ann is a plain member: her `admin` goes in both stores, her `member` stays. */
const admin = { role: 'admin', id: OTHER_LINK };
const adminRow = { role: 'admin', id: OTHER_SERIAL, mongoId: OTHER_LINK };
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
  it.each([
    ['is gone from mongo', { ...BEFORE, mongo: [liveMongo(admin)] }],
    ['is inactive in mongo', { ...BEFORE, mongo: [liveMongo({ active: false }), liveMongo(admin)] }],
    ['has another role in mongo', { ...BEFORE, mongo: [liveMongo({ role: 'viewer' }), liveMongo(admin)] }],
    ['is of another user in mongo', { ...BEFORE, mongo: [liveMongo({ user: BOB }), liveMongo(admin)] }],
    ['is gone from postgres', { ...BEFORE, postgres: [livePostgres(adminRow)] }],
    [
      'is inactive in postgres',
      { ...BEFORE, postgres: [livePostgres({ active: false }), livePostgres(adminRow)] },
    ],
    [
      'has another link in postgres',
      { ...BEFORE, postgres: [livePostgres({ mongoId: null }), livePostgres(adminRow)] },
    ],
    [
      'has another team in postgres',
      { ...BEFORE, postgres: [livePostgres({ team: OTHER_TEAM_ID }), livePostgres(adminRow)] },
    ],
  ])('make drift where one %s', (_, rows) => {
    const judgement = judged(PLANNED, live(rows), TERMS);
    expect(judgement.kind === 'drifted' ? judgement.drifts.length : 0).toBe(1);
  });

  it('make drift also after every change has taken effect', () => {
    const rows = { ...AFTER, mongo: [liveMongo({ active: false })] };
    expect(judged(PLANNED, live(rows), TERMS)).toMatchObject({ kind: 'drifted', applied: 2, pending: [] });
  });

  it('show what was planned and what was found, side by side', () => {
    const rows = { ...BEFORE, mongo: [liveMongo({ active: false }), liveMongo(admin)] };
    expect(judged(PLANNED, live(rows), TERMS)).toMatchObject({
      drifts: [
        {
          user: ANN,
          about: 'mongo',
          planned: { id: LINK, role: 'member', active: true },
          found: { id: LINK, role: 'member', active: false },
        },
      ],
    });
  });
});

describe('a row that the plan does not know', () => {
  const extraMongo = liveMongo({ id: 'a00000000000000000000009', role: 'viewer' });
  const extraPostgres = livePostgres({ id: 99, mongoId: null, role: 'viewer' });

  it('makes drift where it is an active one of the same user in the same team, in either store', () => {
    const inMongo = live({ ...BEFORE, mongo: [...BEFORE.mongo, extraMongo] });
    const inPostgres = live({ ...BEFORE, postgres: [...BEFORE.postgres, extraPostgres] });
    expect(judged(PLANNED, inMongo, TERMS).kind).toBe('drifted');
    expect(judged(PLANNED, inPostgres, TERMS).kind).toBe('drifted');
  });

  it.each([
    ['old and inactive', { active: false }],
    ["another user's", { user: BOB }],
    ["another team's", { team: OTHER_TEAM_ID }],
    ['of another scope', { scope: 'GLOBAL' }],
  ])('makes none where it is %s', (_, parts) => {
    const rows = {
      mongo: [...BEFORE.mongo, liveMongo({ id: 'a00000000000000000000009', role: 'viewer', ...parts })],
      postgres: [...BEFORE.postgres, livePostgres({ id: 99, mongoId: null, role: 'viewer', ...parts })],
    };
    expect(judged(PLANNED, live(rows), TERMS).kind).toBe('planned');
  });
});

describe('another document with the digits of a planned one', () => {
  const twins = (...ids: string[]) =>
    ids.map((id) => liveMongo({ id, idForm: 'string', role: 'viewer', active: false }));

  it('is no drift, before and after, where it is no active role of the user', () => {
    const both = twins(LINK, OTHER_LINK);
    const before = live({ ...BEFORE, mongo: [...both, ...BEFORE.mongo] });
    const after = live({ ...AFTER, mongo: [...AFTER.mongo, ...both] });
    expect(judged(PLANNED, before, TERMS).kind).toBe('planned');
    expect(judged(PLANNED, after, TERMS).kind).toBe('done');
  });

  it('does not stand for the planned one when that is gone', () => {
    const gone = live({ ...BEFORE, mongo: [...twins(LINK), liveMongo(admin)] });
    expect(judged(PLANNED, gone, TERMS).kind).toBe('drifted');
  });

  it('does not pass for the planned one deactivated', () => {
    const deactivation = decision({
      observed: { mongo: [observedMongo()], postgres: [] },
      changes: [mongoChange('deactivate')],
    });
    const planned = { team: TEAM, decisions: [deactivation] };
    const twin = liveMongo({ idForm: 'string', active: false });
    expect(judged(planned, live({ mongo: [twin, liveMongo()] }), TERMS).kind).toBe('planned');
    expect(judged(planned, live({ mongo: [twin] }), TERMS).kind).toBe('drifted');
  });
});

describe('standings', () => {
  const outsider = decision({ ...REMOVAL, standing: 'outsider', member: false });

  it.each([
    ['the membership has ended', REMOVAL, TEAM, { members: new Set<string>() }],
    ['the user has become a member', outsider, TEAM, { members: new Set([ANN]) }],
    ['the team was deleted', REMOVAL, TEAM, { state: 'deleted' as const }],
    ['the team is gone', REMOVAL, TEAM, { state: 'missing' as const, createdBy: null }],
    ['the creator is another one', REMOVAL, TEAM, { createdBy: BOB }],
    ['the creator is illegible', REMOVAL, TEAM, { createdBy: null }],
  ])('make drift of a planned team where %s', (_, given, team, standings) => {
    const judgement = judged({ team, decisions: [given] }, live({ ...BEFORE, ...standings }), TERMS);
    expect(judgement.kind === 'drifted' ? judgement.drifts.map((drift) => drift.about) : []).toEqual([
      'members' in standings ? 'membership' : 'team',
    ]);
    expect(judgement).toMatchObject({ applied: 0, pending: [{ user: ANN }, { user: ANN }] });
  });

  it('make drift of a half-done team', () => {
    const rows = live({ ...BEFORE, mongo: AFTER.mongo, members: new Set<string>() });
    expect(judged(PLANNED, rows, TERMS)).toMatchObject({ kind: 'drifted', applied: 1 });
  });

  it('leave a team done whose rows are all as they will be, and are reported as changed', () => {
    const changed = [
      { members: new Set<string>() },
      { createdBy: ANN },
      { state: 'missing' as const, createdBy: null },
    ];
    for (const standings of changed) {
      const judgement = judged(PLANNED, live({ ...AFTER, ...standings }), TERMS);
      expect(judgement).toEqual({ kind: 'done', applied: 2, standing: 'changed' });
    }
  });

  it('have not changed where the facts have, but nobody became something else', () => {
    const judgement = judged(PLANNED, live({ ...AFTER, createdBy: BOB }), TERMS);
    expect(judgement).toEqual({ kind: 'done', applied: 2, standing: 'same' });
  });

  it('of a deleted team follow the policy', () => {
    const deleted: Team = { ...TEAM, state: 'deleted' };
    const planned = { team: deleted, decisions: [outsider] };
    const terms = { ...TERMS, policy: { ...DEFAULT_POLICY, deletedTeams: 'deactivate' as const } };
    const stillDeleted = live({ ...AFTER, state: 'deleted', members: new Set([ANN]) });
    const liveAgain = live({ ...AFTER, members: new Set([ANN]) });
    expect(judged(planned, stillDeleted, terms)).toMatchObject({ kind: 'done', standing: 'same' });
    expect(judged(planned, liveAgain, terms)).toMatchObject({ kind: 'done', standing: 'changed' });
  });

  it('of users without a decision are no drift', () => {
    const members = new Set([ANN, BOB, OWNER]);
    expect(judged(PLANNED, live({ ...BEFORE, members }), TERMS).kind).toBe('planned');
  });

  it('do not matter to a plan whose preconditions are the rows alone', () => {
    const terms = { ...TERMS, preconditions: 'rows-alone' as const };
    const gone = { state: 'missing' as const, createdBy: null, members: new Set<string>() };
    expect(judged(PLANNED, live({ ...BEFORE, ...gone }), terms).kind).toBe('planned');
    expect(judged(PLANNED, live({ ...AFTER, ...gone }), terms)).toMatchObject({ standing: 'same' });
    const drifted = live({ ...BEFORE, ...gone, mongo: [liveMongo(admin)] });
    expect(judged(PLANNED, drifted, terms).kind).toBe('drifted');
  });
});

describe('several users of one team', () => {
  const ownerGrant = decision({
    user: OWNER,
    standing: 'owner',
    member: true,
    observed: { mongo: [], postgres: [] },
    changes: [mongoChange('insert', { id: 'a00000000000000000000007', role: 'owner', active: true })],
  });

  it('are judged each by their own facts, and the team is as far as the least of them', () => {
    const planned = { team: TEAM, decisions: [ownerGrant, REMOVAL] };
    const members = new Set([ANN, OWNER]);
    expect(judged(planned, live({ ...AFTER, members }), TERMS)).toMatchObject({
      kind: 'half-done',
      applied: 2,
      pending: [{ user: OWNER }],
    });
  });

  it('drift together: one of them stops the team', () => {
    const planned = { team: TEAM, decisions: [ownerGrant, REMOVAL] };
    const judgement = judged(planned, live({ ...BEFORE, members: new Set([ANN]) }), TERMS);
    expect(judgement.kind === 'drifted' ? judgement.drifts.map((drift) => drift.user) : []).toEqual([OWNER]);
  });
});
