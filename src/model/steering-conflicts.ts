// What cannot be told apart where the server cannot mark replies (OVN before 24.03): one target and port, two networks.
import { objectKey } from '../api/api-object.ts';
import { sameAddress } from '../net/address.ts';
import { formatAddressList } from '../net/family-list.ts';
import { sharesAddress } from './held-eip.ts';
import type { ExposedService } from './load-balancers.ts';
import type { FipClaim } from './floating-ips.ts';
import type { VipModel } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';

/**
 * Returns the Services, the oldest first as they came, without the ports whose replies would leave by another network:
 * there a reply is known by its backend's address and port only. Each such port is reported, and so is each floating IP
 * that loses a port to a Service. Where replies can be marked, everything is returned as it is.
 */
export function withoutAmbiguousPorts(
  services: readonly ExposedService[],
  fips: readonly FipClaim[],
  run: UnitRun,
): readonly ExposedService[] {
  if (run.context.observations.marksReplies) return services;
  const kept = services.map((service, index) => {
    const older = services.slice(0, index).filter(({ network }) => network !== service.network);
    const vips = service.model.vips.filter((vip) => !isAmbiguous(service, vip, older, run));
    return { ...service, model: { ...service.model, vips } };
  });
  for (const fip of fips) reportLostPorts(fip, kept, run);
  return kept.filter(({ model }) => model.vips.length > 0);
}

function isAmbiguous(
  { model: { source, protocol } }: ExposedService,
  vip: VipModel,
  older: readonly ExposedService[],
  run: UnitRun,
): boolean {
  const rival = older
    .filter((other) => other.model.protocol === protocol)
    .find((other) => other.model.vips.some((candidate) => sharesBackend(candidate, vip)));
  if (rival === undefined) return false;
  run.report({
    code: 'Conflict',
    object: source,
    path: 'spec.ports',
    message: `${protocol} port ${vip.port} reaches a backend and port that ${rival.model.source} reaches through ${rival.network.metadata.name}; this version of OVN cannot tell their replies apart`,
    hint: 'let the backends listen on another port for one of the two, put both on one network, or upgrade OVN to 24.03 or later',
  });
  return true;
}

function sharesBackend(a: VipModel, b: VipModel): boolean {
  return a.backends.some((one) =>
    b.backends.some((other) => one.port === other.port && sameAddress(one.address, other.address)),
  );
}

/** A Service's port goes before the floating IP of its backend, whose other ports work. */
function reportLostPorts(fip: FipClaim, services: readonly ExposedService[], run: UnitRun): void {
  const rivals = services.filter(
    ({ network, model }) =>
      network !== fip.eip.network &&
      model.vips.some(({ backends }) =>
        backends.some(({ address }) => sharesAddress(fip.internals, [address])),
      ),
  );
  for (const { model } of rivals) {
    run.report({
      severity: 'warning',
      code: 'Conflict',
      object: objectKey(fip.fip),
      path: 'spec.eip',
      message: `the ports of ${formatAddressList(fip.internals)} that ${model.source} uses are answered through that Service’s network only; this version of OVN cannot tell replies apart`,
      hint: 'put both on one network, or upgrade OVN to 24.03 or later',
    });
  }
}
