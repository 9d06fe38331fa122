import { createHash } from 'node:crypto';

/** The purpose of an approval (`ssh-keygen -Y sign -n`): a signature for any other is no approval. */
export const NAMESPACE = 'fix-roles.plan.v1';

/** An SSH signature's own, unchecked claims: for names and messages, never for decisions. */
export interface SshSignature {
  /** `SHA256:…`; null for a certificate, because ssh-keygen shows the key inside it. */
  readonly key: string | null;
  /** Unique to the key or certificate; of letters, digits, `-` and `_`. */
  readonly name: string;
  readonly namespace: string;
}

const ARMOR = /^-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+)\s-----END SSH SIGNATURE-----\s*$/;
const MAGIC = 'SSHSIG';
const VERSION = 1;

/** Takes an armored signature apart (PROTOCOL.sshsig of OpenSSH); undefined where it is none. */
export function parseSshSignature(text: string): SshSignature | undefined {
  const base64 = ARMOR.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const blob = Buffer.from(base64, 'base64');
  if (blob.length < MAGIC.length + 4 || blob.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  if (blob.readUInt32BE(MAGIC.length) !== VERSION) return undefined;
  const key = stringAt(blob, MAGIC.length + 4);
  const namespace = key && stringAt(blob, key.end);
  const type = key && stringAt(key.bytes, 0);
  if (key === undefined || namespace === undefined || type === undefined) return undefined;
  const certificate = type.bytes.toString('latin1').endsWith('-cert-v01@openssh.com');
  const hash = createHash('sha256').update(key.bytes).digest();
  return {
    // As ssh-keygen prints it.
    key: certificate ? null : `SHA256:${hash.toString('base64').replace(/=+$/, '')}`,
    name: `SHA256-${hash.toString('base64url')}`,
    namespace: namespace.bytes.toString('utf8'),
  };
}

/** A string of the SSH wire format: four bytes of length, then so many bytes. */
function stringAt(blob: Buffer, start: number): { readonly bytes: Buffer; readonly end: number } | undefined {
  if (start + 4 > blob.length) return undefined;
  const end = start + 4 + blob.readUInt32BE(start);
  return end > blob.length ? undefined : { bytes: blob.subarray(start + 4, end), end };
}
