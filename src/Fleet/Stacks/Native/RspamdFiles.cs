namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>Rspamd: signs what leaves and is not signed yet, holds each mailbox to its hourly limit, and marks what comes in. It never decides about outgoing text.</summary>
static class RspamdFiles
{
    const string Folder = "/etc/rspamd/penguin", Local = "/etc/rspamd/local.d";

    public static IEnumerable<NodeFile> Of(StackPlan plan)
    {
        yield return new(Local + "/worker-proxy.inc", "milter = yes;\nbind_socket = \"127.0.0.1:11332\";\ntimeout = 60s;\nupstream \"local\" {\n  default = yes;\n  self_scan = yes;\n}\n");
        yield return new(Local + "/worker-normal.inc", "enabled = false;\n");
        yield return new(Local + "/worker-controller.inc", "bind_socket = \"127.0.0.1:11334\";\n");
        yield return new(Local + "/worker-fuzzy.inc", "enabled = false;\n");
        yield return new(Local + "/redis.conf", "servers = \"127.0.0.1:6379\";\n");
        yield return new(Local + "/options.inc", "local_addrs = [\"127.0.0.0/8\", \"::1\"];\n");
        yield return new(Local + "/greylist.conf", "enabled = false;\n");
        yield return new(Local + "/actions.conf", "reject = 15;\nadd_header = 6;\ngreylist = null;\nrewrite_subject = null;\n");
        yield return new(Local + "/milter_headers.conf", "use = [\"authentication-results\", \"x-spam-status\"];\nskip_authenticated = true;\n");
        yield return new(Local + "/settings.conf", Settings);
        yield return new(Local + "/dkim_signing.conf", Signing(plan));
        yield return new(Local + "/ratelimit.conf", RateLimit);
        yield return new(Folder + "/limits.lua", Limits(plan));
        yield return new("/etc/rspamd/rspamd.local.lua", SignedAlready);
        foreach (var domain in plan.Domains)
            foreach (var key in domain.Keys)
                yield return new(KeyPath(domain, key), StackPlanFault.CanonicalKey(key.PrivateKeyPem) ?? "", "0640", Group: "_rspamd", IsSecret: true);
    }

    static string KeyPath(StackDomain domain, StackDkimKey key) => $"{Folder}/{domain.Name}.{key.Selector}.key";

    // Signs for the domain of the From header, when the log-in belongs to the same domain.
    static string Signing(StackPlan plan)
    {
        var domains = string.Concat(plan.Domains.Where(domain => domain.Keys.Count > 0).OrderBy(domain => domain.Name, StringComparer.Ordinal).Select(domain =>
            $"  \"{domain.Name}\" {{\n    selectors = [{string.Join(", ", domain.Keys.Select(key => $"{{ selector = \"{key.Selector}\"; path = \"{KeyPath(domain, key)}\"; }}"))}];\n  }}\n"));
        return $$"""
            sign_authenticated = true;
            sign_local = false;
            use_domain = "header";
            use_esld = false;
            allow_hdrfrom_mismatch = true;
            allow_username_mismatch = false;
            allow_envfrom_empty = true;
            try_fallback = false;
            check_pubkey = false;
            domain {
            {{domains}}}

            """;
    }

    static string Limits(StackPlan plan) => $$"""
        -- Recipients an hour of each log-in.
        local limits = {
        {{string.Concat(plan.Mailboxes.OrderBy(mailbox => mailbox.Address, StringComparer.Ordinal).Select(mailbox => $"  [\"{mailbox.Address}\"] = {mailbox.HourlyLimit},\n"))}}}
        return {
          mailbox_hour = function(task)
            local user = task:get_user()
            local limit = user and limits[user:lower()]
            if not limit then return nil end
            return "mailbox:" .. user:lower() .. ":" .. limit, { burst = limit, rate = limit .. " / 1h" }
          end,
        }

        """;

    // What the platform signed for the author's domain is left as it is: a second signature would only cost size and say nothing more.
    const string SignedAlready = """
        rspamd_config:add_condition("DKIM_SIGNED", function(task)
          local from = task:get_from("mime")
          local domain = from and from[1] and from[1].domain and from[1].domain:lower()
          for _, header in ipairs(task:get_header_full("DKIM-Signature") or {}) do
            local tags = ";" .. (header.decoded or header.value or ""):gsub("%s+", ""):lower() .. ";"
            if domain and tags:find(";d=" .. domain .. ";", 1, true) then return false end
          end
          return true
        end)

        """;

    // The module exempts postmaster unless another recipient is named, fails on an empty list, and stretches limits by behaviour unless told not to.
    const string RateLimit = $"""
        whitelisted_rcpts = ["nobody@invalid"];
        ham_factor_rate = 1.0;
        ham_factor_burst = 1.0;
        spam_factor_rate = 1.0;
        spam_factor_burst = 1.0;
        custom_keywords = "{Folder}/limits.lua";

        """;

    const string Settings = """
        penguin_submission {
          priority = high;
          authenticated = yes;
          apply {
            groups_disabled = ["rbl", "surbl", "hfilter", "fuzzy", "neural", "statistics", "phishing", "spf", "dmarc"];
            actions {
              reject = null;
              "add header" = null;
              greylist = null;
              "rewrite subject" = null;
            }
          }
        }

        """;
}
