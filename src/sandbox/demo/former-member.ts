import { ObjectId } from 'bson';
import { MongoClient } from 'mongodb';
import type { Sandbox } from '../sandbox.js';
import { sampleCases } from '../sample-data.js';

const CASE = 'many-at-once';

/** The team of the sample data whose former member still holds roles in it. */
export function teamOfFormerMember(): string {
  return formerMember().teamId;
}

/** Does what the application does when the former member joins that team again, or leaves it once more. */
export async function setFormerMember(
  sandbox: Pick<Sandbox, 'mongoUri' | 'dbName'>,
  to: 'member' | 'former-member',
): Promise<void> {
  const client = new MongoClient(sandbox.mongoUri);
  try {
    const memberships = client.db(sandbox.dbName).collection<{ _id: ObjectId }>('user_team_details');
    const { membership } = formerMember();
    const { matchedCount } = await memberships.updateOne(
      { _id: membership },
      { $set: { is_active: to === 'member' } },
    );
    if (matchedCount !== 1) throw new Error('The demo lost a membership of its sample data.');
  } finally {
    await client.close();
  }
}

function formerMember(): { readonly teamId: string; readonly membership: ObjectId } {
  const sample = sampleCases.find(({ name }) => name === CASE);
  const inactive = sample?.memberships.find((membership) => membership['is_active'] === false);
  const id: unknown = inactive?.['_id'];
  if (sample === undefined || !(id instanceof ObjectId)) throw new Error(`There is no sample case ${CASE}.`);
  return { teamId: sample.teamId, membership: id };
}
