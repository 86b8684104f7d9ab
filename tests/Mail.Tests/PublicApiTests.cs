using System.Reflection;
using System.Runtime.CompilerServices;

namespace PenguinMails.Mail.Tests;

/// <summary>The public surface of the library is the list in src/Mail/PublicAPI.txt: a change of it shows in review.</summary>
public sealed class PublicApiTests
{
    const string Variable = "PENGUIN_PUBLIC_API";

    [Fact]
    public void Public_members_are_those_listed()
    {
        var path = Path.Combine(Root(), "src/Mail/PublicAPI.txt");
        var now = typeof(CrLf).Assembly.GetExportedTypes().SelectMany(Lines).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (Environment.GetEnvironmentVariable(Variable) == "write") File.WriteAllText(path, string.Join('\n', now) + "\n");
        var listed = File.Exists(path) ? File.ReadAllLines(path) : [];
        var difference = now.Except(listed).Select(line => "+ " + line).Concat(listed.Except(now).Select(line => "- " + line)).ToArray();
        Assert.True(difference.Length == 0, $"The public API changed. If that is meant, run these tests once with {Variable}=write and commit src/Mail/PublicAPI.txt.\n" + string.Join('\n', difference));
    }

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "PenguinMails.slnx"))) folder = Path.GetDirectoryName(folder.TrimEnd('/')) ?? throw new InvalidOperationException("No PenguinMails.slnx above the tests.");
        return folder;
    }

    static IEnumerable<string> Lines(Type type)
    {
        var name = Name(type);
        yield return $"{name} : {Kind(type)}";
        if (type.IsEnum)
        {
            foreach (var value in Enum.GetNames(type)) yield return $"{name}.{value}";
            yield break;
        }
        const BindingFlags own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var member in type.GetMembers(own).Where(IsSeen))
            if (Text(member) is { } text) yield return $"{name}.{text}";
    }

    static bool IsSeen(MemberInfo member) => member switch
    {
        MethodBase method => (method.IsPublic || method.IsFamily) && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null && (!method.IsSpecialName || method.IsConstructor),
        PropertyInfo property => property.GetAccessors(true).Any(accessor => accessor.IsPublic || accessor.IsFamily) && property.Name != "EqualityContract",
        FieldInfo field => field.IsPublic || field.IsFamily,
        EventInfo => true,
        _ => false,
    };

    static string? Text(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: true } => null,
        ConstructorInfo made => $"new({Parameters(made)})",
        MethodInfo method => $"{method.Name}({Parameters(method)}) : {Name(method.ReturnType)}",
        PropertyInfo property => $"{property.Name} : {Name(property.PropertyType)}{(property.SetMethod is { IsPublic: true } ? ", settable" : "")}",
        FieldInfo field => $"{field.Name} : {Name(field.FieldType)}{(field.IsLiteral ? " = " + System.Text.Json.JsonSerializer.Serialize(field.GetRawConstantValue()) : "")}",
        EventInfo raised => $"{raised.Name} : event",
        _ => null,
    };

    static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter => $"{(parameter.IsOut ? "out " : "")}{Name(parameter.ParameterType)} {parameter.Name}"));

    static string Kind(Type type) => type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type.IsAbstract ? "abstract class" : type.IsSealed ? "class" : "open class";

    static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        var name = (type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." : "") + type.Name.Split('`')[0];
        if (type.IsGenericType) name += "<" + string.Join(", ", type.GetGenericArguments().Select(Name)) + ">";
        return type.IsNested || type.IsGenericParameter || type.Namespace?.StartsWith("PenguinMails.Mail", StringComparison.Ordinal) != true ? name : type.Namespace["PenguinMails.Mail".Length..].TrimStart('.') + (type.Namespace.Length > "PenguinMails.Mail".Length ? "." : "") + name;
    }
}
