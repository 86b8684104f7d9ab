using System.Security.Cryptography;
using System.Text.Json;

namespace PenguinMails.Cli.Demo;

/// <summary>How long a step took.</summary>
public sealed record StepTime(string Domain, string Step, double PlatformSeconds, double CustomerSeconds);

/// <summary>From a bare machine and a domain name to mail in three providers' inboxes, through the REST API, in the small internet of tests/testbed.</summary>
/// <param name="say">Called with a sentence after each step.</param>
public sealed class FleetRun(Api api, Outside outside, Action<string> say)
{
    const string Email = "olivia@northwind.example";
    const string Password = "harbour-violet-quilt-47";
    const string Machine = "vps1";
    public const string Address = "198.18.1.101";
    public const string Domain = "newco-mail.com";
    public const string SecondDomain = "dyn-bind.com";
    public const string HostName = $"mail.{Domain}";
    static readonly TimeSpan WalkPatience = TimeSpan.FromMinutes(12), MailPatience = TimeSpan.FromMinutes(2);

    readonly HashSet<string> _done = [];

    /// <summary>Who came in, and where.</summary>
    public Entrance Entrance { get; } = new(api);

    public string ServerId { get; set; } = "";

    /// <summary>Stands in the mail of the last campaign, so that its recipients find it.</summary>
    public string Token { get; private set; } = "";
    public List<StepTime> Times { get; } = [];
    public Dictionary<string, string> Results { get; } = [];

    /// <param name="token">Of the link that a new installation prints.</param>
    public async Task Claim(string token, CancellationToken ct)
    {
        await Entrance.Claim(token, Email, Password, ct);
        say("claimed the new installation; there is a workspace and an API key");
    }

    /// <summary>A machine that knows nothing of mail, and a person who lets the program in.</summary>
    public async Task AddServer(CancellationToken ct)
    {
        var made = await api.Post("/api/v1/servers", new { name = "First server", host_name = HostName, address = Address, port = 22, user = "root" }, ct);
        ServerId = made.GetProperty("id").GetString() ?? "";
        await outside.Act(ct, "authorise", Machine, made.GetProperty("public_key").GetString() ?? "");
        say($"{Address} is a bare Debian 12; its holder put the program's public key there");
    }

    /// <summary>The domain's zone lies at PowerDNS; its owner has not told the registrar yet.</summary>
    public async Task<JsonElement> Begin(CancellationToken ct)
    {
        await outside.Act(ct, "zone", Domain);
        return await api.Post("/api/v1/provisionings", new
        {
            domain = Domain, server_id = ServerId, mailboxes = new[] { new { local = "olivia", display_name = "Olivia Hart" }, new { local = "peter", display_name = "Peter Novak" } },
            dns_host = new { kind = "powerdns", zone = Domain, endpoint = "http://198.18.0.54:8081", key_name = "localhost", secret = "testbed-pdns-key" },
        }, ct);
    }

    /// <summary>A second domain on the same machine, whose zone lies at BIND and is changed by RFC 2136.</summary>
    public async Task<JsonElement> BeginSecond(string tsigSecret, CancellationToken ct) => await api.Post("/api/v1/provisionings", new
    {
        domain = SecondDomain, server_id = ServerId, mailboxes = new[] { new { local = "anna", display_name = "Anna Berg" } },
        dns_host = new { kind = "rfc2136", zone = SecondDomain, endpoint = "198.18.0.55:53", key_name = "customer", algorithm = "hmac-sha256", secret = tsigSecret },
    }, ct);

    /// <summary>Follows it to its end; the people outside do what they are asked for.</summary>
    public async Task Follow(string id, string domain, CancellationToken ct)
    {
        await api.Until<object>($"{domain} ready", WalkPatience, async () => await Look(id, domain, ct) == "ready" ? this : null, ct);
        foreach (var step in (await api.Get($"/api/v1/provisionings/{id}", ct)).GetProperty("steps").EnumerateArray())
            Times.Add(new(domain, step.GetProperty("name").GetString() ?? "", step.GetProperty("platform_ms").GetInt64() / 1000.0, step.GetProperty("customer_ms").GetInt64() / 1000.0));
    }

    /// <returns>The state of the provisioning.</returns>
    public async Task<string> Look(string id, string domain, CancellationToken ct)
    {
        var now = await api.Get($"/api/v1/provisionings/{id}", ct);
        foreach (var step in now.GetProperty("steps").EnumerateArray())
        {
            var (name, state, note) = (step.GetProperty("name").GetString() ?? "", step.GetProperty("state").GetString(), step.GetProperty("note").GetString());
            if (state == "done" && _done.Add($"{id} {name}")) say($"{domain}: {name,-11} {note}");
            if (state == "stopped") throw new DemoFailed($"{domain}: {name} stopped: {note}");
            if (state == "customer" && name == "dns" && _done.Add($"{id} asked {name}"))
            {
                say($"{domain}: the owner is asked: {note}");
                await outside.Act(ct, "delegate", domain, domain == Domain ? "pdns" : "bind");
            }

            if (state == "customer" && name == "ptr" && _done.Add($"{id} asked {name}"))
            {
                say($"{domain}: the provider of the address is asked: {note}");
                await outside.Act(ct, "ptr", Address, HostName);
            }
        }

        return now.GetProperty("state").GetString() ?? "";
    }

    /// <summary>A campaign to people at three providers; what each says of the mail's origin; an answer that comes back.</summary>
    public async Task Correspond(CancellationToken ct)
    {
        string[] people = ["u12@bigmail.com", "u12@outmail.net", "u12@oldhost.org"];
        var mailboxes = await api.All("/api/v1/mailboxes", ct);
        var olivia = mailboxes.First(mailbox => mailbox.GetProperty("address").GetString() == $"olivia@{Domain}").GetProperty("id").GetString() ?? "";
        var token = Token = $"fleet{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        await Launch(olivia, people, token, ct);
        foreach (var person in people)
        {
            await outside.Act(ct, "wait", person, token);
            Results[person] = await outside.Act(ct, "results", person, token);
            say($"{person}: in the {Results[person].Split('\n')[0]}; {string.Join(", ", Marks(Results[person]))}");
        }

        await outside.Act(ct, "reply", people[0], token, $"Yes please, {token}.");
        var answer = await api.Until("The answer in the mailbox", MailPatience, async () =>
            (await api.Get($"/api/v1/mailboxes/{olivia}/inbox", ct)).EnumerateArray().Cast<JsonElement?>().FirstOrDefault(mail => mail?.GetProperty("excerpt").GetString()?.Contains(token, StringComparison.Ordinal) == true) is { } found ? new Holder(found) : null, ct);
        Results["reply"] = answer.Mail.GetProperty("from").GetString() ?? "";
        say($"the answer of {Results["reply"]} was read back over IMAP");
    }

    /// <summary>The mailbox's password and the domain's signing key change while mail leaves; every message must arrive with all three passing.</summary>
    /// <returns>How many messages left meanwhile.</returns>
    public async Task<int> RotateUnderLoad(CancellationToken ct)
    {
        var mailbox = (await api.All("/api/v1/mailboxes", ct)).First(one => one.GetProperty("address").GetString() == $"olivia@{Domain}").GetProperty("id").GetString() ?? "";
        var secret = (await Secret(mailbox, ct)).GetProperty("id").GetString();
        var domain = (await api.All("/api/v1/domains", ct)).First(one => one.GetProperty("name").GetString() == Domain).GetProperty("id").GetString();
        var sent = new List<string> { await SendTest(mailbox, ct) };
        await api.Post($"/api/v1/secrets/{secret}/rotate", new { reason = "rotation while mail leaves" }, ct);
        await api.Post($"/api/v1/domains/{domain}/dns/rotate-dkim", new { }, ct);
        await api.Until<object>("The new password in use", MailPatience, async () =>
        {
            sent.Add(await SendTest(mailbox, ct));
            return (await Secret(mailbox, ct)).GetProperty("rotation").GetString() == "promoted" ? this : null;
        }, ct);
        for (var i = 0; i < 3; i++) sent.Add(await SendTest(mailbox, ct));
        foreach (var id in sent) await api.Until<object>($"Test mail {id}", MailPatience, async () => await HasArrived(mailbox, id, ct) ? this : null, ct);
        say($"password and signing key were changed while {sent.Count} messages left; each arrived with SPF, DKIM and DMARC passing");
        return sent.Count;
    }

    async Task<JsonElement> Secret(string mailbox, CancellationToken ct) => (await api.All("/api/v1/secrets", ct)).First(secret => secret.GetProperty("path").GetString() == $"mailboxes/{mailbox}/smtp");

    async Task<string> SendTest(string mailbox, CancellationToken ct)
    {
        var mail = await api.Post($"/api/v1/mailboxes/{mailbox}/test-mails", new { }, ct);
        return mail.GetProperty("state").GetString() == "refused" ? throw new DemoFailed("A test mail was refused: " + mail.GetRawText()) : mail.GetProperty("id").GetString() ?? "";
    }

    async Task<bool> HasArrived(string mailbox, string id, CancellationToken ct)
    {
        var mail = await api.Get($"/api/v1/mailboxes/{mailbox}/test-mails/{id}", ct);
        if (mail.GetProperty("state").GetString() != "arrived") return false;
        return mail.GetProperty("problem").GetString() is { Length: > 0 } problem ? throw new DemoFailed("A test mail did not pass: " + problem) : true;
    }

    sealed record Holder(JsonElement Mail);

    async Task Launch(string mailbox, string[] people, string token, CancellationToken ct)
    {
        var list = (await api.Post("/api/v1/lists", new { name = "Three providers" }, ct)).GetProperty("id").GetString();
        foreach (var person in people) await api.Post("/api/v1/contacts", new { email = person, list_id = list }, ct);
        await api.Patch($"/api/v1/mailboxes/{mailbox}", new { gap_seconds = 0, daily_cap = 100 }, ct);
        var template = (await api.Post("/api/v1/templates", new
        {
            name = "Hello", subject = $"A question {token}", text = "",
            html = $"<p>Hello,</p><p>is this the right address for a question about your office? {token}</p><p>Best regards<br>{{{{sender_name}}}}</p><p>{{{{physical_address}}}}<br><a href=\"{{{{unsubscribe_url}}}}\">No more mail</a></p>",
        }, ct)).GetProperty("id").GetString();
        var campaign = (await api.Post("/api/v1/campaigns", new
        {
            name = "Three providers", template_id = template, list_id = list, mailboxes = new[] { mailbox }, consumer_policy = "allow", tracks_clicks = false,
            window = new { zone = "Etc/UTC", days = 127, from_minute = 0, to_minute = 1440 }, shape = "none",
        }, ct)).GetProperty("id").GetString();
        await api.Post($"/api/v1/campaigns/{campaign}/launch", new { }, ct);
        say("a campaign to three people at three providers was launched");
    }

    /// <summary>The words that matter in Authentication-Results, each once.</summary>
    public static IEnumerable<string> Marks(string results) =>
        results.Split([' ', ';', '\n', '\t', '('], StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith("spf=", StringComparison.Ordinal) || word.StartsWith("dkim=", StringComparison.Ordinal) || word.StartsWith("dmarc=", StringComparison.Ordinal)).Distinct();
}
