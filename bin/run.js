#!/usr/bin/env node
import { homedir, userInfo } from 'node:os';
import { setFlagsFromString } from 'node:v8';

// What has been read and thrown away is collected when there is as much of it as of what is still in use; by default V8
// would let it grow to three times as much, and longer the more there is to read.
setFlagsFromString('--heap-growing-percent=100');

// Set for other programs: the PostgreSQL driver would load a package that is not there, or send settings of theirs along.
delete process.env.NODE_PG_FORCE_NATIVE;
delete process.env.PGOPTIONS;

// A container may run under a number that no account has: what asks for its home and shell must not fail for that.
try {
  homedir();
} catch {
  process.env.HOME = '/';
}
try {
  userInfo();
} catch {
  process.env.SHELL ??= '/bin/sh';
}

const { main } = await import('../dist/cli/command-line.js');

await main(process.argv.slice(2), import.meta.url);
