import { ObjectId } from 'bson';
import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, fatima, goran, hana, ines } from '../sample-case.js';

/** Teams in which nothing is to be done. */
export const healthyCases: readonly SampleCase[] = [
  sampleCase(1, 'healthy', (team) => {
    team.founded('Northern Lights', ada, bruno, chidi).linked(bruno, 'member').linked(chidi, 'member');
  }),
  sampleCase(2, 'healthy-larger', (team) => {
    team.document('Payments Platform', bruno).linked(bruno, ...OWNER_ROLES);
    for (const person of [ada, bruno, dora, emeka, fatima, goran]) team.member(person);
    for (const person of [ada, dora, emeka, fatima, goran]) team.linked(person, 'member');
  }),
  sampleCase(3, 'healthy-owner-alone', (team) => {
    team.founded('Tuesday Book Club', dora);
  }),
  // Inactive rows are history and stay as they are.
  sampleCase(4, 'healthy-with-history', (team) => {
    const promotion = team.newRowId();
    const departure = team.newRowId();
    team.document('Volunteers Riverside', emeka).member(emeka).member(hana);
    team.member(ines, { is_active: false });
    team.linked(emeka, ...OWNER_ROLES).linked(hana, 'member');
    team.pair(promotion, hana, 'admin', { is_active: false }, { is_active: false });
    team.pair(departure, ines, 'member', { is_active: false }, { is_active: false });
  }),
  // An old team, whose ids are ObjectIds throughout.
  sampleCase(5, 'healthy-object-ids', (team) => {
    const team_id = new ObjectId(team.id);
    team.document('Cartography Guild', new ObjectId(fatima));
    for (const person of [fatima, goran])
      for (const role of person === fatima ? OWNER_ROLES : ['member'])
        team.pair(team.newRowId(), person, role, { user_id: new ObjectId(person), team_id });
    for (const person of [fatima, goran]) team.member(new ObjectId(person), { team_id });
  }),
  sampleCase(6, 'healthy-departed', (team) => {
    team.document('Harbour Kitchen', goran).member(goran).member(ada, { is_active: false });
    team.linked(goran, ...OWNER_ROLES);
  }),
];
