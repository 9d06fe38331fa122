import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import {
  bruno,
  chidi,
  dora,
  emeka,
  fatima,
  goran,
  keiko,
  liam,
  mira,
  noor,
  olga,
  pedro,
} from '../sample-people.js';

/** What needs a person, or cannot be attributed to anybody: listed, never guessed at. */
export const unrepairableCases: readonly SampleCase[] = [
  sampleCase(40, 'team-without-owner', 'No `created_by`: the whole team is blocked.', (team) => {
    team.document('Debate Union', undefined).member(keiko).member(liam);
    team.linked(keiko, ...OWNER_ROLES).linked(liam, 'member', 'admin');
  }),
  sampleCase(41, 'team-with-unusable-owner', '`created_by` is no id: the whole team is blocked.', (team) => {
    team.document('Emergency Fund', 'migration-script').member(liam).linked(liam, 'owner', 'member');
  }),
  sampleCase(42, 'unreadable-membership', 'A membership without a readable user blocks the team.', (team) => {
    team.document('Fencing Club', mira).member(mira).member(null);
    team.linked(mira, 'member').linked(noor, 'member');
  }),
  sampleCase(43, 'role-without-name', 'A document without a role name blocks its user only.', (team) => {
    team.document('Glass Workshop', noor).member(noor).member(olga).linked(noor, 'member');
    team.linked(olga, 'member', 'admin').mongo(olga, null);
  }),
  sampleCase(44, 'row-with-malformed-link', 'A `mongo_id` that is no id blocks its user only.', (team) => {
    team.document('Hiking Guides', olga).member(olga).member(pedro).linked(olga, 'owner', 'member');
    team.postgres(pedro, 'member', { mongo_id: 'legacy-17' });
  }),
  sampleCase(45, 'rows-without-user', 'Role rows without a readable user: left alone, findings.', (team) => {
    team.document('Ice Hockey Juniors', pedro).member(pedro).linked(pedro, 'owner', 'member');
    team.mongo(4711, 'admin').postgres('unknown', 'admin');
  }),
  sampleCase(46, 'rows-without-team', 'Role rows without a readable team: left alone, findings.', (team) => {
    team.mongo(bruno, 'admin', { team_id: 'all' }).postgres(chidi, 'admin', { team_id: null });
  }),
  sampleCase(47, 'deleted-team-holds-roles', 'A soft-deleted team with active roles: a finding.', (team) => {
    team.document('Judo Beginners', dora, { is_deleted: true }).member(dora).member(emeka);
    team.linked(dora, 'member').linked(emeka, 'member', 'admin');
  }),
  sampleCase(48, 'deleted-team-clean', 'A soft-deleted team without active roles: nothing.', (team) => {
    team.document('Knitting Corner', emeka, { is_deleted: true });
    team.mongo(emeka, 'owner', { is_active: false });
  }),
  sampleCase(
    49,
    'missing-team',
    'Roles of a team that has no document: deactivate, with a finding.',
    (team) => {
      team.linked(fatima, ...OWNER_ROLES).linked(goran, 'member');
    },
  ),
  sampleCase(
    50,
    'missing-team-in-postgres',
    'Only Postgres still knows the team: deactivate there.',
    (team) => {
      team.postgres(goran, 'owner').postgres(goran, 'member', { mongo_id: null });
    },
  ),
];
