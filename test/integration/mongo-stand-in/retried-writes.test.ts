import { describe, expect, it } from 'vitest';
import { startProxy } from './broken-network.js';
import { connectTo, name, rows, type Row, useServer } from './server.js';

useServer();

describe('a retried write', () => {
  it('is done once', async () => {
    const proxy = await startProxy();
    const shaky = (await connectTo(proxy.uri)).db(name).collection<Row>(rows.collectionName);
    proxy.cutInsteadOfReplyTo('insert');
    await shaky.insertMany([{ _id: 'a', n: 0 }, { _id: 'b' }]);
    proxy.cutInsteadOfReplyTo('update');
    expect(await shaky.updateOne({ _id: 'a' }, { $inc: { n: 1 } })).toMatchObject({ matchedCount: 1 });
    proxy.cutInsteadOfReplyTo('delete');
    expect(await shaky.deleteOne({ _id: 'b' })).toEqual({ acknowledged: true, deletedCount: 1 });
    proxy.cutInsteadOfReplyTo('findAndModify');
    expect(await shaky.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } })).toEqual({ _id: 'a', n: 1 });
    expect(await rows.find().toArray()).toEqual([{ _id: 'a', n: 2 }]);
  });
});
