namespace PenguinMails.Cli.Demo;

/// <summary>What a program needs to know to live in the small internet of tests/testbed.</summary>
public static class SmallInternet
{
    /// <summary>Settings at its address 198.18.0.1.</summary>
    public static Dictionary<string, string?> Configuration(string dataFolder) => new()
    {
        ["Data:Folder"] = dataFolder, ["Web:Listen"] = "127.0.0.1:0", ["Edge:Listen"] = "198.18.0.1:25", ["SystemMail:Host"] = "127.0.0.1", ["SystemMail:From"] = "penguin@mail.platform-host.io",
        ["Hosts:Mail"] = "mail.platform-host.io", ["Hosts:WebUrl"] = null, ["Dns:Server"] = "198.18.0.53:53", ["Dns:Ttl"] = "30", ["Network:Allowed"] = "127.0.0.0/8,198.18.0.0/15",
        ["Acme:Directory"] = "https://acme.platform-host.io:14000/dir", ["Delivery:RetrySeconds"] = "2", ["Environment"] = "development",
    };

    /// <summary>The key the customer's BIND takes updates with, from its configuration.</summary>
    public static string TsigSecret(DirectoryInfo state)
    {
        var file = Path.Combine(state.FullName, "etc", "customer.key");
        if (!File.Exists(file)) throw new InvalidOperationException($"{file} is missing: the small internet is not up. ./penguin demo fleet starts it.");
        return File.ReadAllText(file).Split("secret \"")[1].Split('"')[0];
    }
}
