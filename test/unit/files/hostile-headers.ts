import { id } from './sample-plan.js';
import { edit, type BadPlan } from './spoil.js';

const NO_CHANGE_FOLLOWS = /does not follow|do not follow|other fields|is not/;

/** Headers that are not true of the plan, or name what must not be executed. */
export const BAD_HEADERS: readonly BadPlan[] = [
  edit(
    'a plan from the future',
    /asOf: lies in the future/,
    '"asOf":"2026-11-22T06:15',
    '"asOf":"2026-11-22T06:25',
  ),
  edit('a plan from before 1970', /asOf: lies before 1970/, '"asOf":"2026', '"asOf":"1969'),
  edit('a day that does not exist', /asOf: is no such time/, '"asOf":"2026-11-22', '"asOf":"2026-02-30'),
  edit('a time without milliseconds', /asOf: must be/, '06:15:00.000Z"', '06:15:00Z"'),
  edit(
    'another time than the inserted rows have',
    NO_CHANGE_FOLLOWS,
    '06:15:00.000Z","tool"',
    '06:14:00.000Z","tool"',
  ),
  edit(
    'a policy that deletes',
    /changes\[0\]: does not follow/,
    '"outsiders":"deactivate"',
    '"outsiders":"delete"',
  ),
  edit('a policy that keeps', /do not follow/, '"outsiders":"deactivate"', '"outsiders":"keep"'),
  edit(
    'a policy that grants members more',
    /changes/,
    '"member":["member"]}',
    '"member":["member","admin"]}',
  ),
  edit(
    'a policy that leaves missing teams alone',
    /leaves such teams alone/,
    '"missingTeams":"deactivate"',
    '"missingTeams":"skip"',
  ),
  edit(
    'a policy that grants strangers nothing',
    /derive none/,
    '"ownerWithoutMembership":"grant"',
    '"ownerWithoutMembership":"skip"',
  ),
  edit('a policy that names a role twice', /names a role twice/, '["member"]', '["member","member"]'),
  edit(
    'a mapping of another field',
    /after\.access_level/,
    '"roles":{"user":"user_id","team":"team_id","role":"role_name"',
    '"roles":{"user":"user_id","team":"team_id","role":"access_level"',
  ),
  edit(
    'a statement as a table',
    /mapping\.postgres\.table/,
    '"table":"postgres_user_roles","columns"',
    '"table":"x; DROP TABLE x","columns"',
  ),
  edit(
    'an operator as a field',
    /mapping\.mongo\.roles\.role/,
    '"roles":{"user":"user_id","team":"team_id","role":"role_name"',
    '"roles":{"user":"user_id","team":"team_id","role":"$role"',
  ),
  edit(
    'one column for two things',
    /names the same column as/,
    '"syncError":"sync_error"',
    '"syncError":"sync_status"',
  ),
  edit(
    'a filter that leaves out a team of the plan',
    /a team that the filter keeps out/,
    '"filter":{"teams":null',
    `"filter":{"teams":["${id('a', 1)}"]`,
  ),
  edit(
    'a filter that excludes a team of the plan',
    /a team that the filter keeps out/,
    `"excludeTeams":["${id('a', 7)}"`,
    `"excludeTeams":["${id('a', 3)}"`,
  ),
  edit(
    'a filter that is not sorted',
    /excludeTeams: is not sorted/,
    `["${id('a', 7)}","${id('a', 8)}"]`,
    `["${id('a', 8)}","${id('a', 7)}"]`,
  ),
  edit(
    'a filter that names a team twice',
    /names something twice/,
    `["${id('a', 7)}","${id('a', 8)}"]`,
    `["${id('a', 7)}","${id('a', 7)}"]`,
  ),
  edit(
    'a shard that leaves out a team of the plan',
    /filter keeps out/,
    '"shard":null',
    '"shard":{"index":0,"count":65536}',
  ),
  edit('a shard beyond the last', /shard/, '"shard":null', '"shard":{"index":4,"count":4}'),
  edit('a target without a collection', /collections: are not/, /"user_roles":"2[^"]*",/, ''),
  edit('a target with another collection', /collections: are not/, '"teams":"1111', '"people":"1111'),
  edit(
    'target collections that are not sorted',
    /collections: is not sorted/,
    /("teams":"1[^"]*"),("user_roles":"2[^"]*")/,
    '"user_roles":"22222222-2222-4222-8222-222222222222","teams":"11111111-1111-4111-8111-111111111111"',
  ),
  edit(
    'a target of another table',
    /targets\.postgres\.table/,
    '"table":"public.postgres_user_roles"',
    '"table":"public.users"',
  ),
  edit(
    'a target without identity',
    /systemIdentifier/,
    '"systemIdentifier":"7412345678901234567"',
    '"systemIdentifier":""',
  ),
  edit('a count of teams that is too low', /summary\.teams/, '"changed":4', '"changed":3'),
  edit('fewer teams scanned than changed', /scanned/, '"scanned":120', '"scanned":3'),
  edit(
    'a count of users that is too low',
    /summary\.users/,
    '"users":{"changed":9}',
    '"users":{"changed":8}',
  ),
  edit('a count of deletions that is too low', /summary\.changes/, '"delete":1}', '"delete":0}'),
  edit('a count of findings that is too low', /summary\.findings/, '"missing-team":2', '"missing-team":1'),
  edit('a finding that is not counted', /summary\.findings/, ',"unlinked-row":1}', '}'),
  edit('a count of what does not occur', /summary\.blocked/, '"blocked":{', '"blocked":{"link-conflict":0,'),
  edit(
    'a block that is not counted',
    /summary\.blocked/,
    '"blocked":{"team-without-owner":1}',
    '"blocked":{}',
  ),
  edit('a negative count', /scanned/, '"scanned":120', '"scanned":-1'),
];
