import { isIP } from 'node:net';

/** Whether a host name, address or directory of a Unix socket can only be this machine. */
export function isLoopback(host: string): boolean {
  return (
    host.startsWith('/') ||
    host === '::1' ||
    /^(.+\.)?localhost$/i.test(host) ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}
