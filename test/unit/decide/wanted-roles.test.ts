import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/model/policy.js';
import { ANN, CREATOR, decide, hex, mongoRow, postgresRow, type Outcome } from './given-team.js';

describe('which roles are wanted', () => {
  const inserted = (outcome: Outcome, user: string): string[] | undefined =>
    outcome.changes[user]
      ?.filter((line) => line.startsWith('mongo'))
      .map((line) => line.replace(/ [0-9a-f]{24}/, ''));

  it.each<{
    name: string;
    wanted: Policy['wanted'];
    owner: string[] | undefined;
    member: string[] | undefined;
  }>([
    {
      name: 'those of the default policy',
      wanted: { owner: ['owner', 'admin', 'member'], member: ['member'] },
      owner: ['admin', 'member', 'owner'].map((role) => `mongo insert ${role} owner-wants`),
      member: ['mongo insert member member-wants'],
    },
    {
      name: 'those of the standing only',
      wanted: { owner: ['boss'], member: ['guest', 'reader'] },
      owner: ['mongo insert boss owner-wants'],
      member: ['mongo insert guest member-wants', 'mongo insert reader member-wants'],
    },
    {
      name: 'none, if the policy wants none',
      wanted: { owner: [], member: [] },
      owner: undefined,
      member: undefined,
    },
  ])('$name', ({ wanted, owner, member }) => {
    const outcome = decide({
      users: [
        { user: CREATOR, member: true },
        { user: ANN, member: true },
      ],
      policy: { wanted },
    });
    expect(inserted(outcome, CREATOR)).toEqual(owner);
    expect(inserted(outcome, ANN)).toEqual(member);
  });

  it('brings an owner what is missing, store by store, and nothing that is there', () => {
    const { changes } = decide({
      users: [
        {
          user: CREATOR,
          member: true,
          mongo: [mongoRow('member', 'a1'), mongoRow('admin', 'a2')],
          postgres: [postgresRow('member', 1, 'a1'), postgresRow('owner', 2, 'a3')],
        },
      ],
    });
    expect(changes).toEqual({
      [CREATOR]: [
        `mongo insert owner ${hex('a3')} owner-wants`,
        `postgres insert admin ${hex('a2')} owner-wants`,
      ],
    });
  });
});
