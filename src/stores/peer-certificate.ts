import type { PeerCertificate, TLSSocket } from 'node:tls';

/** How a connection is encrypted, as far as this end can see. */
export interface Encryption {
  /** `TLSv1.3`; null where the library does not say. */
  readonly protocol: string | null;
  /** The server's certificate; null where it showed none. */
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    /** Milliseconds since 1970. */
    readonly validUntil: number;
  } | null;
}

/** What an open TLS connection tells about its other end; the texts are the certificate's, so anybody's. */
export function encryptionOf(socket: TLSSocket): Encryption {
  const certificate = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol(),
    certificate:
      Object.keys(certificate).length === 0
        ? null
        : {
            subject: nameOf(certificate.subject),
            issuer: nameOf(certificate.issuer),
            validUntil: Date.parse(certificate.valid_to),
          },
  };
}

/** `CN=db.example.org, O=Example`. */
function nameOf(name: PeerCertificate['subject']): string {
  return Object.entries(name)
    .map(([attribute, value]) => `${attribute}=${[value].flat().join('+')}`)
    .reverse()
    .join(', ');
}
