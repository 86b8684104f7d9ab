using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PenguinMails.Core;

namespace PenguinMails.Web.Api;

/// <summary>What <c>/api/v1/openapi.json</c> says: the routes of the API, ids as text, and a name of its own for each slice's input and output.</summary>
static class ApiDocument
{
    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", o =>
    {
        o.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        o.CreateSchemaReferenceId = type => type.Type.DeclaringType is { } slice && OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name
            ? slice.Name + name
            : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        o.AddSchemaTransformer((schema, context, _) =>
        {
            if (IdPrefix(context.JsonTypeInfo.Type) is { } prefix)
            {
                schema.Type = JsonSchemaType.String;
                schema.Properties?.Clear();
                schema.Required?.Clear();
                schema.Pattern = $"^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$";
            }
            return Task.CompletedTask;
        });
        o.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "PenguinMails";
            document.Info.Description = "Cold e-mail with a ledger. JSON in snake_case, problems as application/problem+json (RFC 9457), lists with a cursor.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key: pm_live_…" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
    });

    static string? IdPrefix(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is { IsValueType: true } id
        && id.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITypedId<>))
        ? id.GetProperty(nameof(ITypedId<TenantId>.Prefix))?.GetValue(null) as string
        : null;
}
