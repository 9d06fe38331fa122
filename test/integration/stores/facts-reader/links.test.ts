import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oid, row, team, user } from '../numbered-ids.js';
import { Stage } from './stage.js';

const stage = await Stage.open();

beforeEach(() => stage.clear());

afterEach(() => stage.closeReader());

afterAll(() => stage.close());

describe('links', () => {
  it('finds who holds an id in either form, of any scope and however malformed', async () => {
    await stage.addRole({ _id: oid(row(1)), user_id: oid(user(1)), team_id: team(1), is_active: false });
    await stage.addRole({ _id: row(2), user_id: 'nobody', team_id: 3, scope: 'GLOBAL' });
    await stage.addRole({ _id: oid(row(3)), user_id: user(1), team_id: team(1) });
    await stage.addRole({ _id: row(3), user_id: user(2), team_id: team(2) });
    await stage.addRow({ mongo_id: row(1), user_id: user(1), team_id: team(1), is_active: false });
    await stage.addRow({ mongo_id: row(2), user_id: 'nobody', team_id: null, scope: 'GLOBAL' });
    await stage.addRow({ id: -1, mongo_id: row(3), user_id: user(1), team_id: team(1) });
    const ids = [1, 2, 3, 4].map(row);
    const { links, images } = await (await stage.openReader()).links({ mongo: ids, postgres: ids });
    const inactive = { user: user(1), team: team(1), role: 'member', scope: 'TEAM', active: false };
    const global = { user: null, team: null, role: 'member', scope: 'GLOBAL', active: true };
    expect(ids.map((link) => links.mongo(link))).toEqual([
      { id: row(1), ...inactive },
      { id: row(2), ...global },
      'several',
      undefined,
    ]);
    expect(ids.map((link) => links.postgres(link))).toEqual([
      { id: 1, ...inactive },
      { id: 2, ...global },
      'several',
      undefined,
    ]);
    expect(images.mongo(user(1), row(1))).toMatchObject({ _id: { $oid: row(1) } });
    expect(images.postgres(user(1), 1)).toMatchObject({ id: '1', mongo_id: row(1), is_active: 'f' });
    expect(images.mongo(user(2), row(1))).toBeNull();
  });
});
