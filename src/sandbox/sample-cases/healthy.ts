import { ObjectId } from 'bson';
import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, fatima, goran, hana, ines } from '../sample-people.js';

/** Teams in which nothing is to be done. */
export const healthyCases: readonly SampleCase[] = [
  sampleCase(1, 'healthy', 'Everyone holds exactly what they should: no change.', (team) => {
    team.document('Northern Lights', ada).member(ada).member(bruno).member(chidi);
    team
      .linked(ada, ...OWNER_ROLES)
      .linked(bruno, 'member')
      .linked(chidi, 'member');
  }),
  sampleCase(2, 'healthy-larger', 'Six people, all as they should be: no change.', (team) => {
    team.document('Payments Platform', bruno).linked(bruno, ...OWNER_ROLES);
    for (const person of [ada, bruno, dora, emeka, fatima, goran]) team.member(person);
    for (const person of [ada, dora, emeka, fatima, goran]) team.linked(person, 'member');
  }),
  sampleCase(3, 'healthy-owner-alone', 'A creator without anybody else: no change.', (team) => {
    team
      .document('Tuesday Book Club', dora)
      .member(dora)
      .linked(dora, ...OWNER_ROLES);
  }),
  sampleCase(
    4,
    'healthy-with-history',
    'Inactive rows are history and stay as they are: no change.',
    (team) => {
      const promotion = team.newRowId();
      const departure = team.newRowId();
      team.document('Volunteers Riverside', emeka).member(emeka).member(hana);
      team.member(ines, { is_active: false });
      team.linked(emeka, ...OWNER_ROLES).linked(hana, 'member');
      team.mongo(hana, 'admin', { _id: new ObjectId(promotion), is_active: false });
      team.postgres(hana, 'admin', { mongo_id: promotion, is_active: false });
      team.mongo(ines, 'member', { _id: new ObjectId(departure), is_active: false });
      team.postgres(ines, 'member', { mongo_id: departure, is_active: false });
    },
  ),
  sampleCase(
    5,
    'healthy-object-ids',
    'An old team whose ids are ObjectIds throughout: no change.',
    (team) => {
      const teamId = new ObjectId(team.id);
      team.document('Cartography Guild', new ObjectId(fatima));
      for (const person of [fatima, goran])
        for (const role of person === fatima ? OWNER_ROLES : ['member']) {
          const link = team.newRowId();
          team.mongo(new ObjectId(person), role, { _id: new ObjectId(link), team_id: teamId });
          team.postgres(person, role, { mongo_id: link });
        }
      team.member(new ObjectId(fatima), { team_id: teamId }).member(new ObjectId(goran), { team_id: teamId });
    },
  ),
  sampleCase(6, 'healthy-departed', 'A former member who holds nothing any more: no change.', (team) => {
    team.document('Harbour Kitchen', goran).member(goran).member(ada, { is_active: false });
    team.linked(goran, ...OWNER_ROLES);
  }),
];
