import { ObjectId } from 'bson';
import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, fatima, goran, hana, ines } from '../sample-case.js';

/** Creators who lack what a creator should hold. */
export const creatorCases: readonly SampleCase[] = [
  sampleCase(10, 'creator-lacks-owner-and-admin', (team) => {
    team.document('Aurora Analytics', ada).member(ada).member(bruno);
    team.linked(ada, 'member').linked(bruno, 'member');
  }),
  sampleCase(11, 'creator-lacks-postgres', (team) => {
    team.document('Bakery on Fifth', bruno).member(bruno);
    for (const role of OWNER_ROLES) team.mongo(bruno, role);
  }),
  sampleCase(12, 'creator-lacks-owner-in-mongo', (team) => {
    team.document('Chess Circle', chidi).member(chidi).member(dora);
    team.linked(chidi, 'admin', 'member').postgres(chidi, 'owner').linked(dora, 'member');
  }),
  sampleCase(13, 'creator-holds-nothing', (team) => {
    team.document('Design Systems', dora).member(dora).member(emeka).linked(emeka, 'member');
  }),
  sampleCase(14, 'creator-without-membership', (team) => {
    team.document('Eastside Clinic', emeka).member(fatima).linked(fatima, 'member');
  }),
  sampleCase(15, 'creator-without-membership-complete', (team) => {
    team.document('Film Society', fatima).linked(fatima, ...OWNER_ROLES);
  }),
  sampleCase(16, 'creator-with-unknown-role', (team) => {
    team.founded('Garden Collective', goran).linked(goran, 'billing_contact');
  }),
  // The new role is inserted beside the old row.
  sampleCase(17, 'creator-lacks-admin-beside-history', (team) => {
    const old = team.newRowId();
    team.document('Hardware Lab', hana).member(hana).linked(hana, 'owner', 'member');
    team.pair(old, hana, 'admin', { is_active: false }, { is_active: false });
  }),
  sampleCase(18, 'creator-by-object-id', (team) => {
    team.document('Improv Theatre', new ObjectId(ines)).member(ines).linked(ines, 'admin', 'member');
  }),
];
