import { ObjectId } from 'mongodb';

/** An id of 24 digits that tells in its first ones what it is of, and in its last ones the number. */
export const id = (kind: string, n: number): string => kind.repeat(4) + n.toString(16).padStart(20, '0');
export const team = (n: number): string => id('1', n);
export const user = (n: number): string => id('a', n);
export const row = (n: number): string => id('f', n);
export const oid = (hex: string): ObjectId => ObjectId.createFromHexString(hex);
