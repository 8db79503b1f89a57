import type { KeyTable } from '../../parts/config.ts';
import { unmodelled } from '../../parts/key.ts';

export { bool, bytes, int, list, ms, span, text } from '../../parts/key.ts';

/** `9223372036854775807`, Kafka's way to say "never", as the nearest number. */
export const NEVER = 2 ** 63;

/** Keys that exist in Kafka and change nothing here. */
export function others(names: string): KeyTable {
  return unmodelled('Kafka', names);
}

/** Keys of every client and broker that concern connections, security and metrics. */
export const CONNECTION_KEYS = `
  bootstrap.servers client.id client.dns.lookup send.buffer.bytes receive.buffer.bytes
  connections.max.idle.ms socket.connection.setup.timeout.max.ms
  metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms
  metric.reporters metrics.num.samples metrics.recording.level metrics.sample.window.ms
  auto.include.jmx.reporter enable.metrics.push interceptor.classes
  security.protocol security.providers config.providers
  ssl.cipher.suites ssl.enabled.protocols ssl.endpoint.identification.algorithm
  ssl.engine.factory.class ssl.key.password ssl.keymanager.algorithm ssl.keystore.certificate.chain
  ssl.keystore.key ssl.keystore.location ssl.keystore.password ssl.keystore.type ssl.protocol
  ssl.provider ssl.secure.random.implementation ssl.trustmanager.algorithm
  ssl.truststore.certificates ssl.truststore.location ssl.truststore.password ssl.truststore.type
  sasl.client.callback.handler.class sasl.jaas.config sasl.kerberos.kinit.cmd
  sasl.kerberos.min.time.before.relogin sasl.kerberos.service.name sasl.kerberos.ticket.renew.jitter
  sasl.kerberos.ticket.renew.window.factor sasl.login.callback.handler.class sasl.login.class
  sasl.login.connect.timeout.ms sasl.login.read.timeout.ms sasl.login.refresh.buffer.seconds
  sasl.login.refresh.min.period.seconds sasl.login.refresh.window.factor
  sasl.login.refresh.window.jitter sasl.login.retry.backoff.max.ms sasl.login.retry.backoff.ms
  sasl.mechanism sasl.oauthbearer.clock.skew.seconds sasl.oauthbearer.expected.audience
  sasl.oauthbearer.expected.issuer sasl.oauthbearer.header.urlencode
  sasl.oauthbearer.jwks.endpoint.refresh.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
  sasl.oauthbearer.jwks.endpoint.retry.backoff.ms sasl.oauthbearer.jwks.endpoint.url
  sasl.oauthbearer.scope.claim.name sasl.oauthbearer.sub.claim.name
  sasl.oauthbearer.token.endpoint.url
`;
