using PenguinMails.Fleet.Servers;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>What a machine must be for a mail stack, and where it may be told to try port 25.</summary>
public sealed class MachineFactsTests
{
    [Theory]
    [InlineData("mx.example.com", "mx.example.com", "25")]
    [InlineData("192.0.2.1:2525", "192.0.2.1", "2525")]
    [InlineData("mx.example.com; reboot", null, null)]
    [InlineData("mx.example.com:0", null, null)]
    [InlineData("$(reboot)", null, null)]
    public void A_probe_is_a_host_and_a_port_or_nothing(string text, string? host, string? port) =>
        Assert.Equal((host, port), MachineFacts.Target(text) is var (a, b) ? (a, b) : (null, (string?)null));

    [Theory]
    [InlineData("debian", "12", 2000, "")]
    [InlineData("debian", "13", 2000, "")]
    [InlineData("debian", "11", 2000, "Debian 12 or newer")]
    [InlineData("ubuntu", "24.04", 2000, "ubuntu 24.04")]
    [InlineData("", "", 2000, "unknown system")]
    [InlineData("debian", "12", 899, "899 MB")]
    [InlineData("debian", "12", 900, "")]
    public void What_a_mail_stack_needs_is_said(string os, string version, int memoryMb, string fault)
    {
        var said = MachineFacts.Fault(new(os, version, 1, memoryMb, 1000, null, null));
        if (fault.Length == 0) Assert.Empty(said);
        else Assert.Contains(fault, said);
    }
}
