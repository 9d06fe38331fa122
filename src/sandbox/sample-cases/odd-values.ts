import { ObjectId } from 'bson';
import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, hana, ines, jonas, keiko } from '../sample-case.js';

/** Values as years of different code have left them, and GLOBAL roles, which are nobody's business here. */
export const oddValueCases: readonly SampleCase[] = [
  // Strings and ObjectIds side by side are the same ids.
  sampleCase(60, 'mixed-id-types', (team) => {
    const teamId = new ObjectId(team.id);
    const link = team.newRowId();
    team.document('Lighthouse Trust', new ObjectId(hana)).member(hana, { team_id: teamId });
    team.member(new ObjectId(ines)).member(new ObjectId(jonas), { team_id: teamId });
    team.linked(hana, 'member').pair(link, hana, 'admin', { user_id: new ObjectId(hana) });
    team.linked(ines, 'member', 'admin').mongo(jonas, 'member', { team_id: teamId });
    team.mongo(new ObjectId(keiko), 'member', { team_id: teamId });
  }),
  // `created_at` is a text, in rows that are deleted and in rows that are kept.
  sampleCase(61, 'iso-string-dates', (team) => {
    const created_at = '2021-11-05T14:23:08.412Z';
    team.founded('Model Railway', ines, jonas).pair(team.newRowId(), jonas, 'member', { created_at });
    team.mongo(jonas, 'admin', { created_at }).postgres(jonas, 'owner', { created_by: ines });
  }),
  // "true", 1 or nothing is not active.
  sampleCase(62, 'role-activity-not-true', (team) => {
    const link = team.newRowId();
    team.founded('Night Market', jonas, keiko).pair(link, keiko, 'member', { is_active: 'true' });
    team.mongo(keiko, 'admin', { is_active: 1 }).mongo(keiko, 'owner', { is_active: undefined });
  }),
  sampleCase(63, 'membership-activity-not-true', (team) => {
    team.founded('Open Air Cinema', keiko);
    team.member(ada, { is_active: 'true' }).member(bruno, { is_active: 1 });
    team.member(chidi, { is_active: undefined });
    for (const person of [ada, bruno, chidi]) team.linked(person, 'member');
  }),
  // It would colour the terminal and turn the text around.
  sampleCase(64, 'hostile-name', (team) => {
    team.document('Pay\u001b[31mroll \u202eretfa kool', ada).member(ada).linked(ada, 'member');
  }),
  // Rows still marked PENDING or FAILED count like all others.
  sampleCase(65, 'pending-sync', (team) => {
    team.document('Quilting Bee', bruno).member(bruno).member(chidi).linked(bruno, 'owner');
    team.mongo(bruno, 'member').postgres(bruno, 'admin', { sync_status: 'PENDING' });
    const sync_error = 'duplicate key value violates unique constraint';
    team.mongo(chidi, 'member').postgres(chidi, 'admin', { sync_status: 'FAILED', sync_error });
  }),
  sampleCase(66, 'duplicate-membership', (team) => {
    team.document('Rowing Crew', chidi).member(chidi).member(dora, { is_active: false }).member(dora);
    team.linked(chidi, ...OWNER_ROLES).linked(dora, 'member', 'admin');
  }),
  // GLOBAL rows survive: without a team, active or not, and those of a stranger that name a team.
  sampleCase(70, 'global-roles', (team) => {
    for (const person of [ada, dora]) {
      const anywhere = { scope: 'GLOBAL', is_active: person === ada };
      const inMongo = { ...anywhere, team_id: undefined };
      team.pair(team.newRowId(), person, 'superuser', inMongo, { ...anywhere, team_id: null });
    }
  }),
  sampleCase(71, 'global-roles-in-a-team', (team) => {
    const link = team.newRowId();
    team.founded('Street Library', dora).pair(link, emeka, 'admin', { scope: 'GLOBAL' }, { scope: 'GLOBAL' });
    team.linked(emeka, 'member');
  }),
];
