namespace PenguinMails.Mail.Tests.Peers;

/// <summary>A root file system as small as a mail server bears it, so that none finds or touches anything of the machine's.</summary>
static class PeerRoot
{
    static readonly (string Name, int Id)[] Users = [("root", 0), ("mail", 8), ("nobody", 65534), ("Debian-exim", 61001), ("opensmtpd", 61002), ("opensmtpq", 61003)];

    /// <summary>Copies what <c>tests/peers</c> unpacked to <c>root</c> in the folder of the process.</summary>
    public static async Task Make(PeerProcess process, CancellationToken ct)
    {
        await Done("cp", ["-a", PeerProcess.Unpacked(), process.Path("root")], ct);
        process.Write("root/etc/passwd", string.Concat(Users.Select(user => $"{user.Name}:x:{user.Id}:{user.Id}::/:/bin/false\n")).Replace("61002::/:", "61002::/var/lib/opensmtpd/empty:", StringComparison.Ordinal));
        process.Write("root/etc/group", string.Concat(Users.Select(user => $"{user.Name}:x:{user.Id}:\n")));
        process.Write("root/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
        process.Write("root/etc/hosts", "127.0.0.1 localhost\n");
        process.Write("root/etc/services", "smtp 25/tcp\nsmtps 465/tcp\nsubmission 587/tcp\n");
        process.Write("root/etc/resolv.conf", "nameserver 127.0.0.1\n");
        foreach (var name in new[] { "dev", "tmp", "run", "proc", "var/log" }) Directory.CreateDirectory(process.Path("root/" + name));
        File.SetUnixFileMode(process.Path("root/tmp"), (UnixFileMode)0b1_111_111_111);
        if (!Directory.Exists(process.Path("root/var/run"))) File.CreateSymbolicLink(process.Path("root/var/run"), "/run");
        foreach (var (name, minor) in new[] { ("null", "3"), ("zero", "5"), ("random", "8"), ("urandom", "9") }) await Done("mknod", ["-m", "666", process.Path("root/dev/" + name), "c", "1", minor], ct);
    }

    public static Task Own(PeerProcess process, string user, string name, CancellationToken ct)
    {
        var id = Array.Find(Users, one => one.Name == user).Id;
        return Done("chown", ["-R", $"{id}:{id}", process.Path(name)], ct);
    }

    static async Task Done(string program, string[] words, CancellationToken ct)
    {
        var (code, said) = await PeerProcess.Run(program, words, null, ct);
        if (code != 0) throw new InvalidOperationException($"{program} {string.Join(' ', words)}: {said}");
    }
}
