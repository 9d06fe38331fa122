import { ObjectId } from 'bson';
import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, fatima, goran, hana, ines } from '../sample-people.js';

/** Creators who lack what a creator should hold. */
export const creatorCases: readonly SampleCase[] = [
  sampleCase(10, 'creator-lacks-owner-and-admin', 'Only `member`, in both stores: insert both.', (team) => {
    team.document('Aurora Analytics', ada).member(ada).member(bruno);
    team.linked(ada, 'member').linked(bruno, 'member');
  }),
  sampleCase(
    11,
    'creator-lacks-postgres',
    'All in Mongo, none in Postgres: insert linked copies.',
    (team) => {
      team.document('Bakery on Fifth', bruno).member(bruno);
      for (const role of OWNER_ROLES) team.mongo(bruno, role);
    },
  ),
  sampleCase(12, 'creator-lacks-owner-in-mongo', '`owner` only in Postgres: insert its document.', (team) => {
    team.document('Chess Circle', chidi).member(chidi).member(dora);
    team.linked(chidi, 'admin', 'member').postgres(chidi, 'owner').linked(dora, 'member');
  }),
  sampleCase(13, 'creator-holds-nothing', 'A creator without a single role: insert all in both.', (team) => {
    team.document('Design Systems', dora).member(dora).member(emeka).linked(emeka, 'member');
  }),
  sampleCase(
    14,
    'creator-without-membership',
    'No membership, no roles: inserted, with a finding.',
    (team) => {
      team.document('Eastside Clinic', emeka).member(fatima).linked(fatima, 'member');
    },
  ),
  sampleCase(
    15,
    'creator-without-membership-complete',
    'No membership, all roles: a finding only.',
    (team) => {
      team.document('Film Society', fatima).linked(fatima, ...OWNER_ROLES);
    },
  ),
  sampleCase(
    16,
    'creator-with-unknown-role',
    'Holds `billing_contact` too: kept, with a finding.',
    (team) => {
      team.document('Garden Collective', goran).member(goran);
      team.linked(goran, ...OWNER_ROLES, 'billing_contact');
    },
  ),
  sampleCase(
    17,
    'creator-lacks-admin-beside-history',
    'An old inactive `admin`: insert beside it.',
    (team) => {
      const old = team.newRowId();
      team.document('Hardware Lab', hana).member(hana).linked(hana, 'owner', 'member');
      team.mongo(hana, 'admin', { _id: new ObjectId(old), is_active: false });
      team.postgres(hana, 'admin', { mongo_id: old, is_active: false });
    },
  ),
  sampleCase(
    18,
    'creator-by-object-id',
    '`created_by` is an ObjectId, `owner` is lacking: insert it.',
    (team) => {
      team.document('Improv Theatre', new ObjectId(ines)).member(ines).linked(ines, 'admin', 'member');
    },
  ),
];
