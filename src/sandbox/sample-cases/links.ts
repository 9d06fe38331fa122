import { ObjectId } from 'bson';
import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, fatima, goran, hana, ines, jonas } from '../sample-people.js';

/** One store has the wanted role, the other lacks it: what stands at the other end of the link decides. */
export const linkCases: readonly SampleCase[] = [
  sampleCase(30, 'reactivate-in-postgres', 'The linked row is inactive and the same role.', (team) => {
    const link = team.newRowId();
    team
      .document('Tea House', ada)
      .member(ada)
      .member(bruno)
      .linked(ada, ...OWNER_ROLES);
    team.mongo(bruno, 'member', { _id: new ObjectId(link) });
    team.postgres(bruno, 'member', { mongo_id: link, is_active: false });
  }),
  sampleCase(31, 'reactivate-in-mongo', 'The linked document is inactive and the same role.', (team) => {
    const link = team.newRowId();
    team.document('Urban Farming', bruno).member(bruno).linked(bruno, 'admin', 'member');
    team.mongo(bruno, 'owner', { _id: new ObjectId(link), is_active: false });
    team.postgres(bruno, 'owner', { mongo_id: link });
  }),
  sampleCase(32, 'insert-in-postgres', 'No row carries the link: insert with the `_id` of Mongo.', (team) => {
    team.document('Video Editing', chidi).member(chidi).member(dora);
    team.linked(chidi, ...OWNER_ROLES).mongo(dora, 'member');
  }),
  sampleCase(
    33,
    'insert-in-mongo',
    'No document has the `_id`: insert with the `mongo_id` of Postgres.',
    (team) => {
      team.document('Welcome Desk', dora).member(dora).member(emeka);
      team.linked(dora, ...OWNER_ROLES).postgres(emeka, 'member');
    },
  ),
  sampleCase(34, 'unlinked-row', '`mongo_id` is null: insert with a new id, with a finding.', (team) => {
    team.document('Xylophone Makers', emeka).member(emeka).member(fatima);
    team.linked(emeka, ...OWNER_ROLES).postgres(fatima, 'member', { mongo_id: null });
  }),
  sampleCase(35, 'link-conflict-in-postgres', 'The linked row is of another person: blocked.', (team) => {
    const link = team.newRowId();
    team.document('Youth Hostel', fatima).member(fatima).member(goran).member(hana);
    team.linked(fatima, ...OWNER_ROLES).mongo(goran, 'member', { _id: new ObjectId(link) });
    team.mongo(hana, 'member').postgres(hana, 'member', { mongo_id: link });
  }),
  sampleCase(36, 'link-conflict-in-mongo', 'The linked document is of another role: blocked.', (team) => {
    const link = team.newRowId();
    team
      .document('Zoo Friends', goran)
      .member(goran)
      .member(hana)
      .linked(goran, ...OWNER_ROLES);
    team.mongo(hana, 'viewer', { _id: new ObjectId(link), is_active: false });
    team.postgres(hana, 'member', { mongo_id: link });
  }),
  sampleCase(37, 'link-to-global-row', 'The linked row is GLOBAL: blocked, and the row survives.', (team) => {
    const link = team.newRowId();
    team
      .document('Alpine Rescue', hana)
      .member(hana)
      .member(ines)
      .linked(hana, ...OWNER_ROLES);
    team.mongo(ines, 'member', { _id: new ObjectId(link) });
    team.postgres(ines, 'member', { mongo_id: link, scope: 'GLOBAL', team_id: null });
  }),
  sampleCase(
    38,
    'link-to-global-document',
    'The linked document is GLOBAL: blocked, it survives.',
    (team) => {
      const link = team.newRowId();
      team
        .document('Bicycle Couriers', ines)
        .member(ines)
        .member(jonas)
        .linked(ines, ...OWNER_ROLES);
      team.mongo(jonas, 'member', { _id: new ObjectId(link), scope: 'GLOBAL', team_id: undefined });
      team.postgres(jonas, 'member', { mongo_id: link });
    },
  ),
  sampleCase(
    39,
    'duplicate-active-role',
    'Two active documents: the lowest `_id` decides; a finding.',
    (team) => {
      const lowest = team.newRowId();
      team
        .document('Coastal Survey', jonas)
        .member(jonas)
        .member(ada)
        .linked(jonas, ...OWNER_ROLES);
      team.mongo(ada, 'member', { _id: new ObjectId(lowest) }).mongo(ada, 'member');
      team.postgres(ada, 'member', { mongo_id: lowest, is_active: false });
    },
  ),
];
