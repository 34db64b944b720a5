// Whom a server certificate is for.
import type { PeerCertificate } from 'node:tls';
import { expect, test } from 'vitest';
import { verifyServerName } from '../../../src/ovsdb/transport.ts';

const certificate = (CN: string, subjectaltname?: string): PeerCertificate =>
  ({ subject: { CN }, ...(subjectaltname && { subjectaltname }) }) as PeerCertificate;

test.each([
  ['db', certificate('db'), true],
  ['db id:6f3c-11', certificate('db id:6f3c-11'), true],
  ['db', certificate('db id:6f3c-11'), false],
  ['db', certificate('other'), false],
  ['db.example.org', certificate('x', 'DNS:db.example.org'), true],
  ['a.example.org', certificate('x', 'DNS:*.example.org'), true],
  ['10.0.0.1', certificate('x', 'IP Address:10.0.0.1'), true],
  ['10.0.0.2', certificate('10.0.0.2', 'IP Address:10.0.0.1'), false],
  ['x', certificate('x', 'DNS:db.example.org'), false],
])('%j against %j: %j', (name, cert, fits) => {
  expect(verifyServerName(name, cert) === undefined).toBe(fits);
});
