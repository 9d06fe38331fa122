import { sampleCase, type SampleCase } from '../sample-case.js';
import { ada, bruno, chidi, dora, emeka, fatima, goran, hana, ines, jonas } from '../sample-case.js';

/** One store has the wanted role, the other lacks it: what stands at the other end of the link decides. */
export const linkCases: readonly SampleCase[] = [
  sampleCase(30, 'reactivate-in-postgres', (team) => {
    const link = team.newRowId();
    team.founded('Tea House', ada, bruno).pair(link, bruno, 'member', {}, { is_active: false });
  }),
  sampleCase(31, 'reactivate-in-mongo', (team) => {
    const link = team.newRowId();
    team.document('Urban Farming', bruno).member(bruno).linked(bruno, 'admin', 'member');
    team.pair(link, bruno, 'owner', { is_active: false });
  }),
  sampleCase(32, 'insert-in-postgres', (team) => {
    team.founded('Video Editing', chidi, dora).mongo(dora, 'member');
  }),
  sampleCase(33, 'insert-in-mongo', (team) => {
    team.founded('Welcome Desk', dora, emeka).postgres(emeka, 'member');
  }),
  sampleCase(34, 'unlinked-row', (team) => {
    team.founded('Xylophone Makers', emeka, fatima).postgres(fatima, 'member', { mongo_id: null });
  }),
  // The linked row is another person's.
  sampleCase(35, 'link-conflict-in-postgres', (team) => {
    const link = team.newRowId();
    team.founded('Youth Hostel', fatima, goran, hana);
    team.pair(link, goran, 'member', {}, { user_id: hana }).mongo(hana, 'member');
  }),
  // The linked document is of another role.
  sampleCase(36, 'link-conflict-in-mongo', (team) => {
    const link = team.newRowId();
    team.founded('Zoo Friends', goran, hana);
    team.pair(link, hana, 'member', { role_name: 'viewer', is_active: false });
  }),
  // Blocked in both, and the GLOBAL row or document survives.
  sampleCase(37, 'link-to-global-row', (team) => {
    const link = team.newRowId();
    team.founded('Alpine Rescue', hana, ines);
    team.pair(link, ines, 'member', {}, { scope: 'GLOBAL', team_id: null });
  }),
  sampleCase(38, 'link-to-global-document', (team) => {
    const link = team.newRowId();
    team.founded('Bicycle Couriers', ines, jonas);
    team.pair(link, jonas, 'member', { scope: 'GLOBAL', team_id: undefined });
  }),
  // Of two active documents the lowest `_id` decides.
  sampleCase(39, 'duplicate-active-role', (team) => {
    const lowest = team.newRowId();
    team.founded('Coastal Survey', jonas, ada);
    team.pair(lowest, ada, 'member', {}, { is_active: false }).mongo(ada, 'member');
  }),
];
