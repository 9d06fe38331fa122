import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import {
  ada,
  bruno,
  chidi,
  dora,
  emeka,
  fatima,
  goran,
  hana,
  ines,
  jonas,
  keiko,
  liam,
  mira,
} from '../sample-people.js';

/** Members who hold too much or too little, and people who are no members (any more). */
export const memberCases: readonly SampleCase[] = [
  sampleCase(20, 'member-with-admin', 'A plain member holds `admin` in both stores: delete both.', (team) => {
    team.document('Jazz Ensemble', jonas).member(jonas).member(keiko);
    team.linked(jonas, ...OWNER_ROLES).linked(keiko, 'member', 'admin');
  }),
  sampleCase(21, 'member-with-owner-in-mongo', '`owner` in Mongo only: delete it there.', (team) => {
    team.document('Kayak Rentals', keiko).member(keiko).member(liam);
    team
      .linked(keiko, ...OWNER_ROLES)
      .linked(liam, 'member')
      .mongo(liam, 'owner');
  }),
  sampleCase(22, 'member-with-admin-in-postgres', '`admin` in Postgres only: delete it there.', (team) => {
    team.document('Language Exchange', liam).member(liam).member(mira);
    team
      .linked(liam, ...OWNER_ROLES)
      .linked(mira, 'member')
      .postgres(mira, 'admin');
  }),
  sampleCase(23, 'member-without-role', 'A member without any role: insert `member` in both.', (team) => {
    team
      .document('Mobile Apps', mira)
      .member(mira)
      .member(ada)
      .linked(mira, ...OWNER_ROLES);
  }),
  sampleCase(24, 'former-member-keeps-roles', 'Left, still holds roles in both: deactivate.', (team) => {
    team.document('Neighbourhood Watch', ada).member(ada).member(bruno, { is_active: false });
    team.linked(ada, ...OWNER_ROLES).linked(bruno, 'member', 'admin');
  }),
  sampleCase(25, 'former-member-in-postgres', 'Left, Postgres missed it: deactivate there.', (team) => {
    team.document('Orchestra Support', bruno).member(bruno).member(chidi, { is_active: false });
    team.linked(bruno, ...OWNER_ROLES);
    const sync = { sync_status: 'FAILED', sync_error: 'connection terminated unexpectedly' };
    team.mongo(chidi, 'member', { is_active: false }).postgres(chidi, 'member', sync);
  }),
  sampleCase(26, 'former-member-in-mongo', 'Left, Mongo missed it: deactivate there.', (team) => {
    team.document('Photo Archive', chidi).member(chidi).member(dora, { is_active: false });
    team.linked(chidi, ...OWNER_ROLES).mongo(dora, 'member');
  }),
  sampleCase(27, 'stranger-with-admin', 'Never a member, holds `owner` and `admin`: deactivate.', (team) => {
    team.document('Quality Circle', dora).member(dora);
    team.linked(dora, ...OWNER_ROLES).linked(emeka, 'owner', 'admin');
  }),
  sampleCase(28, 'member-with-admin-twice', 'Two active `admin` documents: delete every one.', (team) => {
    team.document('Robotics Workshop', emeka).member(emeka).member(fatima);
    team
      .linked(emeka, ...OWNER_ROLES)
      .linked(fatima, 'member', 'admin')
      .mongo(fatima, 'admin');
  }),
  sampleCase(29, 'many-at-once', 'A creator, two members and two strangers, all of them wrong.', (team) => {
    team.document('Sailing School', fatima);
    for (const person of [fatima, goran, hana]) team.member(person);
    team.member(ines, { is_active: false });
    team.linked(fatima, 'member').linked(goran, 'admin', 'member', 'owner').mongo(hana, 'member');
    team.linked(ines, 'admin', 'member').postgres(jonas, 'owner');
  }),
];
