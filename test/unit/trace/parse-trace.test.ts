// The parser of ovn-trace's output, on what it printed and on shapes that were not recorded.
import { describe, expect, test } from 'vitest';
import { missingNeighbour } from '../../../src/trace/missing-neighbour.ts';
import { outputsOf, parseTrace } from '../../../src/trace/parse-trace.ts';
import { chooserOf, walk } from '../../../src/trace/walk.ts';
import { ovnVersions } from '../../support/ovn-programs.ts';
import { packets, readRecorded } from '../../support/recorded-traces.ts';
import type { RecordedName } from '../../support/recorded-traces.ts';

describe.each(ovnVersions)('OVN %s', (version) => {
  const { topology, trace } = readRecorded(version);

  test.each<[RecordedName, { port: string; type: string }[], string[]]>([
    ['snat', [{ port: 'localnet.ext-cloud', type: 'localnet' }], []],
    ['VIP in', [{ port: 'web.shalb-demo', type: '' }], []],
    ['empty VIP', [], ['tcp_reset']],
    ['unwanted source', [], []],
    ['false MAC', [], []],
  ])('outputs of: %s', (name, outputs, generated) => {
    const { parsed } = trace(name);
    expect(outputsOf(parsed)).toEqual(outputs);
    expect(parsed.generated).toEqual(generated);
  });

  test('an ARP request on the way is not the packet', () => {
    const { parsed } = trace('unasked');
    expect(parsed.generated).toEqual(['arp']);
    const text = JSON.stringify(parsed.events);
    expect(text).not.toMatch(/_MC_flood|eth\.mcast/);
  });

  test('the next hop that was not known is found with its router port', () => {
    const { packet, parsed } = trace('unasked');
    expect(missingNeighbour(walk(parsed, packet, chooserOf(parsed, topology), topology))).toEqual({
      routerPort: 'shalb-demo-ext-cloud',
      address: '100.65.0.1',
    });
  });

  test.each(Object.keys(packets) as RecordedName[])('every flow of "%s" is read whole', (name) => {
    const steps = trace(name).parsed.events.filter((event) => event.kind === 'step');
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      expect(step.stage).toMatch(/^l[rs]_(in|out)_\w+$/);
      expect(step.flow).toMatch(/^[0-9a-f]{1,8}$/);
      expect(step.datapath).not.toBe('');
    }
  });
});

test('a load balancer of several backends: the chosen one shows in what follows', () => {
  const text = `ingress(dp="r", inport="r-x")
-----------------------------
 7. lr_in_dnat (northd.c:1): ip4.dst == 192.0.2.1 && tcp.dst == 80, priority 120, uuid 0000000a
    ct_lb_mark(backends=10.0.0.1:80,10.0.0.12:80; hash_fields="ip_src");

ct_lb_mark
----------
13. lr_in_ip_routing (northd.c:1): ip4.dst == 10.0.0.0/24, priority 74, uuid 0000000b
    reg0 = ip4.dst;
    outport = "r-s";
    next;
17. lr_in_arp_resolve (northd.c:1): outport == "r-s" && reg0 == 10.0.0.12, priority 100, uuid 0000000c
    eth.dst = 00:00:00:00:00:12;
    next;
`;
  const parsed = parseTrace(text);
  const choose = chooserOf(parsed, readRecorded('25.03').topology);
  expect(choose(['10.0.0.1:80', '10.0.0.12:80'])).toBe('10.0.0.12:80');
  expect(choose(['10.0.0.3:80', '10.0.0.4:80'])).toBeUndefined();
  expect(choose(['10.0.0.3:80'])).toBe('10.0.0.3:80');
});

test('no flow matches, and the text ends', () => {
  const parsed = parseTrace(
    'ingress(dp="s", inport="p")\n---------------------------\n 8. ls_in_acl: no match (implicit drop)\n',
  );
  expect(parsed.events.at(-1)).toMatchObject({ kind: 'step', stage: 'ls_in_acl', actions: ['drop'] });
});

test.each(['', 'unknown port "nope"\n', 'error parsing flow: x\n'])('%j has no events', (text) =>
  expect(parseTrace(text).events).toEqual([]),
);
