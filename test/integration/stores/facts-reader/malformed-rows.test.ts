import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oid, team, user } from '../numbered-ids.js';
import { ALL, Stage } from './stage.js';
import { findingsIn, teamsIn, told } from './told.js';

const stage = await Stage.open();

beforeEach(() => stage.clear());

afterEach(() => stage.closeReader());

afterAll(() => stage.close());

describe('reading the facts', () => {
  it('tells of rows whose team is illegible, with the user where that can be read', async () => {
    const illegible = [
      null,
      undefined,
      7,
      '',
      'nonsense',
      team(1).toUpperCase(),
      [team(1)],
      { $oid: 'x' },
      [],
      [1],
    ];
    await stage.addTeam({ _id: oid(team(1)) });
    for (const [n, team_id] of illegible.entries()) {
      const owner = n % 2 === 0 ? user(n) : 'nobody';
      const where = team_id === undefined ? {} : { team_id };
      await stage.addRole({ user_id: owner, ...where });
      await stage.addMember({ user_id: owner, ...where });
    }
    await stage.addRow({ user_id: user(50), team_id: null });
    await stage.addRow({ user_id: 'nobody', team_id: 'nonsense' });
    await stage.addRow({ user_id: user(51), team_id: team(1).slice(1) });
    const reads = await stage.readAll();
    const users = [user(0), user(2), user(4), user(6), user(8), null];
    const expected = [
      ...users.map((name) => ['malformed-membership', null, name]),
      ...[...users, user(50), user(51)].map((name) => ['malformed-row', null, name]),
    ].map((finding) => JSON.stringify(finding));
    expect([...new Set(findingsIn(reads))]).toEqual(expected.sort());
    expect(teamsIn(reads).map(told)).toEqual([[]]);
    await stage.closeReader();
    // With a filter nothing but the teams in it is looked for; the array holds one of them.
    const filtered = findingsIn(await stage.readAll({ ...ALL, teams: [team(1)] }));
    expect([...new Set(filtered)]).toEqual([
      JSON.stringify(['malformed-membership', null, user(6)]),
      JSON.stringify(['malformed-row', null, user(6)]),
    ]);
  });

  it('marks users and teams whose rows are malformed, and no others', async () => {
    for (let n = 1; n <= 4; n++) await stage.addTeam({ _id: oid(team(n)) });
    await stage.addRole({ user_id: 'nobody', team_id: team(1) });
    await stage.addRow({ user_id: 'nobody', team_id: team(2) });
    await stage.addMember({ user_id: 17, team_id: oid(team(3)) });
    await stage.addMember({ user_id: user(2), team_id: team(4) });
    await stage.addRole({ user_id: user(3), team_id: team(4), role_name: 5 });
    await stage.addRole({ user_id: user(4), team_id: team(4), role_name: 'x'.repeat(51) });
    await stage.addRole({ user_id: user(5), team_id: team(4), role_name: 'ad\u202emin' });
    await stage.addRole({ _id: 'no id', user_id: user(6), team_id: team(4) });
    await stage.addRow({ user_id: user(7), team_id: team(4), mongo_id: 'no id' });
    await stage.addRow({ user_id: user(8), team_id: team(4), role_name: '' });
    await stage.addRow({ id: -1, user_id: user(9), team_id: team(4) });
    const teams = teamsIn(await stage.readAll());
    expect(teams.map(({ facts }) => [facts.illegibleRowUser, facts.illegibleMembershipUser])).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ]);
    expect(teams.map(told)).toEqual([
      [],
      [],
      [],
      [`${user(2)} member`, ...[3, 4, 5, 6, 7, 8, 9].map((n) => `${user(n)} - malformed`)],
    ]);
  });
});
