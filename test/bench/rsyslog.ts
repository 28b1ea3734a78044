import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "@sigil/testkit";
import type { Place } from "./agent.ts";
import { freePort, isConnected, isListening } from "./pipeline-net.ts";

const POLL_MS = 10;
/** A pair of daemons that has not delivered by then never will. */
const GIVE_UP_MS = 600_000;

/**
 * Wall milliseconds in which rsyslog carries one file over mutual TLS into another: imfile → omfwd, imtcp → a synced
 * disk queue → omfile. The receiver is up before; counted is from the sender's connection to the last byte.
 * @throws when one of them does not come up, or not everything arrives
 */
export async function timeRsyslog(place: Place, from: string): Promise<number> {
  const port = await freePort();
  const to = join(place.dir("rsyslog"), "out.jsonl");
  await writeCertificates(place);
  const receiver = startDaemon(place, "recv", receiverConfig(place, port, to));
  try {
    await isListening(port);
    const sender = startDaemon(place, "send", senderConfig(place, port, from));
    try {
      const start = await isConnected(port);
      await hasGrown(to, statSync(from).size);
      return performance.now() - start;
    } finally {
      await end(sender);
    }
  } finally {
    await end(receiver);
  }
}

/** As rsyslog checks peers by a name of theirs: that of the host certificates here is the common one. */
async function writeCertificates(place: Place): Promise<void> {
  const authority = await createAuthority();
  place.file("rsyslog/ca.pem", authority.caPem);
  for (const [name, pair] of [
    ["send", await authority.issueHost("send")],
    ["recv", await authority.issueServer(["recv"])],
  ] as const) {
    place.file(`rsyslog/${name}.pem`, pair.certPem);
    place.file(`rsyslog/${name}.key`, pair.keyPem);
  }
}

function globalConfig(place: Place, name: string): string {
  const file = (ending: string) => join(place.root, "rsyslog", ending);
  return `global(workDirectory="${place.dir(`rsyslog/${name}-work`)}" maxMessageSize="64k"
  defaultNetstreamDriverCAFile="${file("ca.pem")}"
  defaultNetstreamDriverCertFile="${file(`${name}.pem`)}"
  defaultNetstreamDriverKeyFile="${file(`${name}.key`)}")
`;
}

function receiverConfig(place: Place, port: number, to: string): string {
  return `${globalConfig(place, "recv")}
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
  streamDriver.authMode="x509/name" permittedPeer=["sigil host"])
input(type="imtcp" port="${port}" address="127.0.0.1")
template(name="raw" type="string" string="%rawmsg%\\n")
action(type="omfile" file="${to}" template="raw" queue.type="Disk" queue.filename="out"
  queue.syncQueueFiles="on" queue.checkpointInterval="100" queue.saveOnShutdown="on"
  queue.dequeueBatchSize="1024")
`;
}

function senderConfig(place: Place, port: number, from: string): string {
  return `${globalConfig(place, "send")}
module(load="imfile" mode="inotify")
input(type="imfile" file="${from}" tag="sigil" addMetadata="off")
template(name="fwd" type="string" string="%msg%\\n")
action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" template="fwd"
  streamDriver="ossl" streamDriverMode="1" streamDriverAuthMode="x509/name"
  streamDriverPermittedPeers="recv" queue.type="LinkedList" queue.filename="fwd"
  queue.syncQueueFiles="on" queue.saveOnShutdown="on" queue.size="200000"
  queue.dequeueBatchSize="1024" action.resumeRetryCount="-1")
`;
}

function startDaemon(place: Place, name: string, config: string): ChildProcess {
  const file = place.file(`rsyslog/${name}.conf`, config);
  const args = ["-n", "-f", file, "-i", join(place.root, "rsyslog", `${name}.pid`)];
  return spawn("rsyslogd", args, { stdio: "ignore" });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function hasGrown(file: string, bytes: number): Promise<void> {
  const until = performance.now() + GIVE_UP_MS;
  while (performance.now() < until) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size >= bytes) return;
    await sleep(POLL_MS);
  }
  throw new Error(`rsyslog delivered less than ${bytes} bytes`);
}
