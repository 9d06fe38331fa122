import { ObjectId } from 'bson';
import { OWNER_ROLES, sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, hana, ines, jonas, keiko } from '../sample-people.js';

/** Values as years of different code have left them, and GLOBAL roles, which are nobody's business here. */
export const oddValueCases: readonly SampleCase[] = [
  sampleCase(60, 'mixed-id-types', 'Strings and ObjectIds side by side are the same ids.', (team) => {
    const teamId = new ObjectId(team.id);
    const link = team.newRowId();
    team.document('Lighthouse Trust', new ObjectId(hana)).member(hana, { team_id: teamId });
    team.member(new ObjectId(ines)).member(new ObjectId(jonas), { team_id: teamId });
    team.linked(hana, 'member').mongo(new ObjectId(hana), 'admin', { _id: new ObjectId(link) });
    team.postgres(hana, 'admin', { mongo_id: link }).linked(ines, 'member', 'admin');
    team.mongo(jonas, 'member', { team_id: teamId });
    team.mongo(new ObjectId(keiko), 'member', { team_id: teamId });
  }),
  sampleCase(61, 'iso-string-dates', '`created_at` is a string in rows that are deleted or kept.', (team) => {
    team
      .document('Model Railway', ines)
      .member(ines)
      .member(jonas)
      .linked(ines, ...OWNER_ROLES);
    const created_at = '2021-11-05T14:23:08.412Z';
    const kept = team.newRowId();
    team
      .mongo(jonas, 'member', { _id: new ObjectId(kept), created_at })
      .postgres(jonas, 'member', { mongo_id: kept });
    team.mongo(jonas, 'admin', { created_at }).postgres(jonas, 'owner', { created_by: ines });
  }),
  sampleCase(62, 'role-activity-not-true', '`is_active` of "true", 1 or nothing is not active.', (team) => {
    const link = team.newRowId();
    team
      .document('Night Market', jonas)
      .member(jonas)
      .member(keiko)
      .linked(jonas, ...OWNER_ROLES);
    team.mongo(keiko, 'member', { _id: new ObjectId(link), is_active: 'true' });
    team.postgres(keiko, 'member', { mongo_id: link });
    team.mongo(keiko, 'admin', { is_active: 1 }).mongo(keiko, 'owner', { is_active: undefined });
  }),
  sampleCase(63, 'membership-activity-not-true', 'Memberships "true", 1 and without are none.', (team) => {
    team
      .document('Open Air Cinema', keiko)
      .member(keiko)
      .linked(keiko, ...OWNER_ROLES);
    team.member(ada, { is_active: 'true' }).member(bruno, { is_active: 1 });
    team.member(chidi, { is_active: undefined });
    for (const person of [ada, bruno, chidi]) team.linked(person, 'member');
  }),
  sampleCase(
    64,
    'hostile-name',
    'A name that would colour the terminal and turn the text around.',
    (team) => {
      team.document('Pay\u001b[31mroll \u202eretfa kool', ada).member(ada).linked(ada, 'member');
    },
  ),
  sampleCase(65, 'pending-sync', 'Rows still marked PENDING or FAILED count like all others.', (team) => {
    team.document('Quilting Bee', bruno).member(bruno).member(chidi).linked(bruno, 'owner');
    team.mongo(bruno, 'member').postgres(bruno, 'admin', { sync_status: 'PENDING' });
    team.mongo(chidi, 'member').postgres(chidi, 'admin', {
      sync_status: 'FAILED',
      sync_error: 'duplicate key value violates unique constraint',
    });
  }),
  sampleCase(66, 'duplicate-membership', 'An old and a new membership of one person: a member.', (team) => {
    team.document('Rowing Crew', chidi).member(chidi).member(dora, { is_active: false }).member(dora);
    team.linked(chidi, ...OWNER_ROLES).linked(dora, 'member', 'admin');
  }),
  sampleCase(70, 'global-roles', 'GLOBAL roles without a team, active and not: they survive.', (team) => {
    for (const [person, is_active] of [
      [ada, true],
      [dora, false],
    ] as const) {
      const link = team.newRowId();
      const anywhere = { scope: 'GLOBAL', is_active };
      team.mongo(person, 'superuser', { ...anywhere, _id: new ObjectId(link), team_id: undefined });
      team.postgres(person, 'superuser', { ...anywhere, mongo_id: link, team_id: null });
    }
  }),
  sampleCase(
    71,
    'global-roles-in-a-team',
    'GLOBAL rows that name a team, of a stranger: they survive.',
    (team) => {
      const link = team.newRowId();
      team
        .document('Street Library', dora)
        .member(dora)
        .linked(dora, ...OWNER_ROLES);
      team.mongo(emeka, 'admin', { _id: new ObjectId(link), scope: 'GLOBAL' });
      team.postgres(emeka, 'admin', { mongo_id: link, scope: 'GLOBAL' });
      team.linked(emeka, 'member');
    },
  ),
];
