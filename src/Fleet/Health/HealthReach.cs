using PenguinMails.Core;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Health;

/// <summary>What a check of health needs of the program to look outside.</summary>
public sealed record HealthReach(DnsSettings Dns, Outbound Outbound, PlatformHosts Hosts, HealthSettings Settings, Rdap Rdap);
