/**
 * The loop that a good engineer writes by hand: for each team, for each member, ask both stores at once for that
 * user's roles, one query a store, then insert what is missing, one by one. Prints how many seconds the loop took.
 *
 * node hand-written-script.mjs dry-run|execute
 */
import { ObjectId } from 'mongodb';
import { openStores } from './stores.js';

const [mode] = process.argv.slice(2);
const { client, db, connect } = await openStores();
const postgres = await connect();
const roles = db.collection('user_roles');
const begun = performance.now();
let missing = 0;

for await (const team of db.collection('teams').find({}).sort({ _id: 1 })) {
  const teamId = String(team._id);
  const owner = String(team['created_by']);
  const bothForms = { $in: [teamId, new ObjectId(teamId)] };
  const memberships = await db
    .collection('user_team_details')
    .find({ team_id: bothForms, is_active: true })
    .toArray();
  const members = new Set([owner, ...memberships.map((membership) => String(membership['user_id']))]);
  for (const user of members) {
    const wanted = user === owner ? ['owner', 'admin', 'member'] : ['member'];
    const users = { $in: [user, new ObjectId(user)] };
    const [documents, { rows }] = await Promise.all([
      roles.find({ user_id: users, team_id: bothForms, scope: 'TEAM', is_active: true }).toArray(),
      postgres.query<{ role_name: string }>(
        `SELECT role_name FROM public.postgres_user_roles
          WHERE user_id = $1 AND team_id = $2 AND scope = 'TEAM' AND is_active`,
        [user, teamId],
      ),
    ]);
    for (const role of wanted) {
      const document = documents.find((one) => one['role_name'] === role);
      const row = rows.find((one) => one.role_name === role);
      const id = new ObjectId(document?._id);
      if (!document) await insertDocument(id, user, teamId, role);
      if (!row) await insertRow(id, user, teamId, role);
    }
  }
}
process.stdout.write(JSON.stringify({ seconds: (performance.now() - begun) / 1000, missing }));
await Promise.all([client.close(), postgres.end()]);

async function insertDocument(id: ObjectId, user: string, team: string, role: string): Promise<void> {
  missing += 1;
  if (mode !== 'execute') return;
  await roles.insertOne({
    _id: id,
    user_id: user,
    role_name: role,
    scope: 'TEAM',
    team_id: team,
    is_active: true,
    created_at: new Date(),
    created_by: 'system',
  });
}

async function insertRow(id: ObjectId, user: string, team: string, role: string): Promise<void> {
  missing += 1;
  if (mode !== 'execute') return;
  // A copy that is there already, but inactive, is where such scripts come to grief.
  await postgres.query(
    `INSERT INTO public.postgres_user_roles (mongo_id, user_id, role_name, scope, team_id, is_active,
       created_at, created_by, last_sync_at, sync_status)
     VALUES ($1, $2, $3, 'TEAM', $4, true, now(), 'system', now(), 'SYNCED') ON CONFLICT DO NOTHING`,
    [id.toHexString(), user, role, team],
  );
}
