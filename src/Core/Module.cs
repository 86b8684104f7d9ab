using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Core;

/// <summary>What a module brings into the program: its one registration point, made in its <c>Module.cs</c>.</summary>
/// <param name="Assembly">Carries the module's migrations.</param>
/// <param name="Services">Registers what its slices ask for.</param>
/// <param name="Jobs">Job kinds and event subscriptions.</param>
/// <param name="Routes">Maps its REST routes below <c>/api/v1</c>.</param>
public sealed record Module(Assembly Assembly, Action<IServiceCollection> Services, Action<JobKinds> Jobs, Action<IEndpointRouteBuilder> Routes)
{
    public static readonly Module Core = new(typeof(Module).Assembly, _ => { }, _ => { }, _ => { });
}
