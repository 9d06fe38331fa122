import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, fatima, goran } from '../sample-case.js';
import { hana, ines, jonas, keiko, liam, mira } from '../sample-case.js';

/** Members who hold too much or too little, and people who are no members (any more). */
export const memberCases: readonly SampleCase[] = [
  sampleCase(20, 'member-with-admin', (team) => {
    team.founded('Jazz Ensemble', jonas, keiko).linked(keiko, 'member', 'admin');
  }),
  sampleCase(21, 'member-with-owner-in-mongo', (team) => {
    team.founded('Kayak Rentals', keiko, liam).linked(liam, 'member').mongo(liam, 'owner');
  }),
  sampleCase(22, 'member-with-admin-in-postgres', (team) => {
    team.founded('Language Exchange', liam, mira).linked(mira, 'member').postgres(mira, 'admin');
  }),
  sampleCase(23, 'member-without-role', (team) => {
    team.founded('Mobile Apps', mira, ada);
  }),
  sampleCase(24, 'former-member-keeps-roles', (team) => {
    team.document('Neighbourhood Watch', ada).member(ada).member(bruno, { is_active: false });
    team.linked(ada, ...OWNER_ROLES).linked(bruno, 'member', 'admin');
  }),
  // One store missed that they left.
  sampleCase(25, 'former-member-in-postgres', (team) => {
    team.document('Orchestra Support', bruno).member(bruno).member(chidi, { is_active: false });
    team.linked(bruno, ...OWNER_ROLES);
    const sync = { sync_status: 'FAILED', sync_error: 'connection terminated unexpectedly' };
    team.mongo(chidi, 'member', { is_active: false }).postgres(chidi, 'member', sync);
  }),
  sampleCase(26, 'former-member-in-mongo', (team) => {
    team.document('Photo Archive', chidi).member(chidi).member(dora, { is_active: false });
    team.linked(chidi, ...OWNER_ROLES).mongo(dora, 'member');
  }),
  sampleCase(27, 'stranger-with-admin', (team) => {
    team.founded('Quality Circle', dora).linked(emeka, 'owner', 'admin');
  }),
  sampleCase(28, 'member-with-admin-twice', (team) => {
    team.founded('Robotics Workshop', emeka, fatima).linked(fatima, 'member', 'admin').mongo(fatima, 'admin');
  }),
  // A creator, two members and two strangers, all of them wrong.
  sampleCase(29, 'many-at-once', (team) => {
    team.document('Sailing School', fatima);
    for (const person of [fatima, goran, hana]) team.member(person);
    team.member(ines, { is_active: false });
    team.linked(fatima, 'member').linked(goran, 'admin', 'member', 'owner').mongo(hana, 'member');
    team.linked(ines, 'admin', 'member').postgres(jonas, 'owner');
  }),
];
