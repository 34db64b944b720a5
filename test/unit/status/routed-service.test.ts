// A Service that is no LoadBalancer and has a route: the external address that a Gateway in another VPC needs.
import { describe, expect, test } from 'vitest';
import { gatewayConfig } from '../../support/gateway-world.ts';
import { networks, pod, project } from '../../support/scenario.ts';
import { StatusStage } from '../../support/status-world.ts';

const service = (annotations: string, rest = '', labels = '{}') => `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shalb-demo, labels: ${labels}, annotations: {${annotations}}}
spec:
  selector: {app: nginx}
  ports: [{name: web, port: 80, targetPort: 8080, appProtocol: kubernetes.io/h2c}, {name: admin, port: 9000}]
  ${rest}
---`;
const route = 'service.nlb.kube-dc.com/expose-route: https';
const on = { gateway: gatewayConfig() };
const settled = (config: object, text: string) => {
  const stage = new StatusStage().read([networks, project, pod('nginx'), text].join(''));
  stage.settle({ config });
  return stage;
};
const eips = (stage: StatusStage) =>
  [...stage.objects.keys()].filter((key) => key.startsWith('EIp/')).toSorted();

describe('a routed Service', () => {
  test('has an address of the cloud network, and {service}-ext with the port of the route alone', () => {
    const stage = settled(on, service(route));
    expect(stage.objects.get('EIp/shalb-demo/slb-web')).toMatchObject({
      metadata: {
        labels: { 'network.kube-dc.com/external-network-type': 'cloud' },
        ownerReferences: [{ kind: 'Service', name: 'web' }],
      },
      status: { ipAddress: '100.65.0.102', owners: [{ type: 'ServiceLb', ownerRef: 'web' }] },
    });
    const ports = [{ name: 'web', port: 80, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' }];
    expect(stage.objects.get('Service/shalb-demo/web-ext')).toMatchObject({
      spec: { clusterIP: 'None', ports },
    });
    expect(stage.objects.get('EndpointSlice/shalb-demo/web-ext-ipv4')).toMatchObject({
      endpoints: [{ addresses: ['100.65.0.102'] }],
      ports,
    });
    const balancers = stage.world({ config: on }).vpc('shalb-demo').loadBalancers;
    expect(
      balancers.flatMap(({ vips }) => vips.map(({ port, backends }) => [port, backends[0]?.port])),
    ).toEqual([[80, 8080]]);
    // The status of a Service that is no LoadBalancer names no address: the API server would refuse it.
    expect(stage.objects.get('Service/shalb-demo/web')).not.toHaveProperty('status.loadBalancer.ingress');
  });

  test('loses both with its annotation', () => {
    const stage = settled(on, service(route));
    stage.read(service(''));
    stage.settle({ config: on });
    expect(eips(stage)).toEqual(['EIp/shalb-demo/default-gw']);
    expect(stage.objects.has('Service/shalb-demo/web-ext')).toBe(false);
  });

  test('takes the EIp that it names', () => {
    const bound = 'service.nlb.kube-dc.com/bind-on-eip: default-gw';
    const stage = settled(on, service(`${route}, ${bound}`));
    expect(eips(stage)).toEqual(['EIp/shalb-demo/default-gw']);
    expect(stage.objects.get('EndpointSlice/shalb-demo/web-ext-ipv4')).toMatchObject({
      endpoints: [{ addresses: ['100.65.0.101'] }],
    });
  });

  test('so does the solver of a challenge, and a Service that wants a Backend', () => {
    const solver = service('', 'type: NodePort', '{acme.cert-manager.io/http01-solver: "true"}');
    expect(eips(settled(on, solver))).toContain('EIp/shalb-demo/slb-web');
    const backend = 'service.nlb.kube-dc.com/create-gateway-backend: "true"';
    expect(eips(settled(on, service(backend)))).toContain('EIp/shalb-demo/slb-web');
  });

  test.each([
    ['without a gateway in the configuration', {}, service(route)],
    [
      'where the Gateway reaches its VPC',
      { gateway: gatewayConfig({ routedVpcs: ['shalb-demo'] }) },
      service(route),
    ],
    ['where routes lead to Services', { gateway: gatewayConfig({ backendRef: 'service' }) }, service(route)],
    ['without such a port', on, service(`${route}, service.nlb.kube-dc.com/route-port: "1"`)],
    ['that asks for nothing', on, service('')],
  ])('needs none %s', (_, config, text) => {
    expect(eips(settled(config, text))).toEqual(['EIp/shalb-demo/default-gw']);
  });
});
