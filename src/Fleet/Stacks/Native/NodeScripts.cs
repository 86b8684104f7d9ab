namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>The scripts that run on a node, word for word as they stand in <c>Scripts</c>. What varies goes in as arguments or input, never into the text.</summary>
static class NodeScripts
{
    public static readonly string Read = Load("read"), Repair = Load("repair"), Install = Load("install"), Place = Load("place"), Remove = Load("remove"),
        Retire = Load("retire"), SelfSigned = Load("self-signed"), Acme = Load("acme"), Finish = Load("finish"), Deliveries = Load("deliveries");

    static string Load(string name)
    {
        using var stream = typeof(NodeScripts).Assembly.GetManifestResourceStream($"Node/{name}.sh") ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
