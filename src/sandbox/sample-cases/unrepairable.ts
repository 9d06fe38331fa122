import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { bruno, chidi, dora, emeka, fatima, goran } from '../sample-case.js';
import { keiko, liam, mira, noor, olga, pedro } from '../sample-case.js';

/** What needs a person, or cannot be attributed to anybody: listed, never guessed at. */
export const unrepairableCases: readonly SampleCase[] = [
  // The first three block the whole team, the next two their user alone.
  sampleCase(40, 'team-without-owner', (team) => {
    team.document('Debate Union', undefined).member(keiko).member(liam);
    team.linked(keiko, ...OWNER_ROLES).linked(liam, 'member', 'admin');
  }),
  sampleCase(41, 'team-with-unusable-owner', (team) => {
    team.document('Emergency Fund', 'migration-script').member(liam).linked(liam, 'owner', 'member');
  }),
  sampleCase(42, 'unreadable-membership', (team) => {
    team.document('Fencing Club', mira).member(mira).member(null);
    team.linked(mira, 'member').linked(noor, 'member');
  }),
  sampleCase(43, 'role-without-name', (team) => {
    team.document('Glass Workshop', noor).member(noor).member(olga).linked(noor, 'member');
    team.linked(olga, 'member', 'admin').mongo(olga, null);
  }),
  sampleCase(44, 'row-with-malformed-link', (team) => {
    team.document('Hiking Guides', olga).member(olga).member(pedro).linked(olga, 'owner', 'member');
    team.postgres(pedro, 'member', { mongo_id: 'legacy-17' });
  }),
  // Rows without a readable user or team are left alone, with findings.
  sampleCase(45, 'rows-without-user', (team) => {
    team.document('Ice Hockey Juniors', pedro).member(pedro).linked(pedro, 'owner', 'member');
    team.mongo(4711, 'admin').postgres('unknown', 'admin');
  }),
  sampleCase(46, 'rows-without-team', (team) => {
    team.mongo(bruno, 'admin', { team_id: 'all' }).postgres(chidi, 'admin', { team_id: null });
  }),
  sampleCase(47, 'deleted-team-holds-roles', (team) => {
    team.document('Judo Beginners', dora, { is_deleted: true }).member(dora).member(emeka);
    team.linked(dora, 'member').linked(emeka, 'member', 'admin');
  }),
  sampleCase(48, 'deleted-team-clean', (team) => {
    team.document('Knitting Corner', emeka, { is_deleted: true });
    team.mongo(emeka, 'owner', { is_active: false });
  }),
  sampleCase(49, 'missing-team', (team) => {
    team.linked(fatima, ...OWNER_ROLES).linked(goran, 'member');
  }),
  sampleCase(50, 'missing-team-in-postgres', (team) => {
    team.postgres(goran, 'owner').postgres(goran, 'member', { mongo_id: null });
  }),
];
