using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using PenguinMails.House.Tests;
using PenguinMails.House.Tests.Sql;

namespace PenguinMails.Modules.Tests.Core;

/// <summary>The database itself keeps tenants apart, whatever the code above it asks for.</summary>
public sealed partial class RlsTests(TestDatabase database)
{
    const string MatrixPath = "docs/security/rls-matrix.md";
    const string ListPath = "docs/security/unscoped-tables.md";
    const string Scope = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)";

    // The same, asked once for a statement instead of once for a row: where a statement touches many.
    const string ScopeOnce = """(tenant_id = ( SELECT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid AS "nullif"))""";

    const string Tables = """
        select n.nspname || '.' || c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
          coalesce((select string_agg(p.polname, ', ' order by p.polname) from pg_policy p where p.polrelid = c.oid), ''),
          coalesce((select bool_and(p.polcmd = '*' and p.polpermissive and p.polroles = '{0}'
            and pg_get_expr(p.polqual, p.polrelid) in ($1, $2) and pg_get_expr(p.polwithcheck, p.polrelid) in ($1, $2)) from pg_policy p where p.polrelid = c.oid), false),
          concat_ws(', ', case when has_table_privilege('penguin_app', c.oid, 'select') then 'select' end,
            case when has_table_privilege('penguin_app', c.oid, 'insert') then 'insert' end,
            case when has_table_privilege('penguin_app', c.oid, 'update') then 'update' end,
            case when has_table_privilege('penguin_app', c.oid, 'delete') then 'delete' end,
            case when has_table_privilege('penguin_app', c.oid, 'truncate') then 'truncate' end,
            case when has_table_privilege('penguin_app', c.oid, 'references') then 'references' end,
            case when has_table_privilege('penguin_app', c.oid, 'trigger') then 'trigger' end),
          pg_get_userbyid(c.relowner)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f') and n.nspname !~ '^(pg_|information_schema)'
        order by 1
        """;

    const string AppRole = "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, (select count(*) from pg_auth_members m where m.member = r.oid) from pg_roles r where rolname = 'penguin_app'";

    const string OwnedByApp = """
        select count(*)
        from pg_shdepend d
        join pg_roles r on r.oid = d.refobjid
        where r.rolname = 'penguin_app' and d.deptype = 'o'
        """;

    // Such a function runs with its owner's rights; without a search_path of its own the caller chooses what its names mean.
    const string Definers = """
        select n.nspname || '.' || p.proname, coalesce(p.proconfig::text, '')
        from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        where p.prosecdef and n.nspname !~ '^(pg_|information_schema)'
        order by 1
        """;

    const string Views = """
        select n.nspname || '.' || c.relname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('v', 'm') and n.nspname !~ '^(pg_|information_schema)'
          and not coalesce(c.reloptions @> array['security_invoker=true'], false)
        order by 1
        """;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    sealed record Table(string Name, bool HasRls, bool IsForced, bool IsPartition, string Policies, bool PoliciesAreTheTenants, string Privileges, string Owner)
    {
        public bool IsScoped => HasRls && IsForced && PoliciesAreTheTenants;
    }

    [Fact]
    public async Task Every_table_is_scoped_to_the_tenant_or_stands_on_the_list_with_a_reason()
    {
        var tables = await AllTables();
        var listed = ListedTable().Matches(File.ReadAllText(Path.Combine(Tree.Root, ListPath))).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.True(tables.Count > 30, $"{tables.Count} tables");
        foreach (var table in tables.Where(t => !t.IsPartition)) Assert.True(table.IsScoped != listed.Contains(table.Name), $"{table}: must be either scoped or listed in {ListPath}");
        Assert.Empty(listed.Except(tables.Select(t => t.Name)));
        Assert.DoesNotContain(tables, t => t.Owner == "penguin_app");
    }

    [Fact]
    public async Task The_programs_role_reaches_partitions_only_through_their_parent()
    {
        var partitions = (await AllTables()).Where(t => t.IsPartition).ToList();
        Assert.NotEmpty(partitions);
        Assert.All(partitions, p => Assert.Equal("", p.Privileges));
    }

    [Fact]
    public async Task The_programs_role_may_not_go_round_the_policies()
    {
        var (role, owned) = (await Read(AppRole, r => (r.GetBoolean(0), r.GetBoolean(1), r.GetBoolean(2), r.GetBoolean(3), r.GetBoolean(4), r.GetInt64(5))), await Read(OwnedByApp, r => r.GetInt64(0)));
        Assert.Equal((false, false, false, false, false, 0L), Assert.Single(role));
        Assert.Equal(0, Assert.Single(owned));
        Assert.All(await AllTables(), t => Assert.DoesNotContain("truncate", t.Privileges)); // Truncate asks no policy.
    }

    [Fact]
    public async Task Functions_and_views_that_run_with_their_owners_rights_are_tied_down()
    {
        foreach (var (name, settings) in await Read(Definers, r => (r.GetString(0), r.GetString(1)))) Assert.True(settings.Contains("search_path=", StringComparison.Ordinal), $"{name} has no search_path of its own");
        Assert.Empty(await Read(Views, r => r.GetString(0)));
    }

    [Fact]
    public async Task A_session_without_a_tenant_sees_no_row_of_any_scoped_table_and_can_write_none()
    {
        await using var connection = await database.Source.OpenConnectionAsync(Ct);
        foreach (var table in (await AllTables()).Where(t => t.IsScoped && !t.IsPartition))
        {
            await using var count = new NpgsqlCommand("select count(*) from " + table.Name, connection);
            Assert.True(0L.Equals(await count.ExecuteScalarAsync(Ct)), table.Name);
        }
    }

    [Fact]
    public async Task Every_statement_of_the_product_is_accepted_by_the_migrated_database()
    {
        await using var connection = await database.Source.OpenConnectionAsync(Ct);
        await using var ownerConnection = await database.OwnerSource.OpenConnectionAsync(Ct);
        var (statements, faults) = (SqlConstants.All(), new List<string>());
        foreach (var statement in statements)
        {
            try
            {
                await using var prepare = new NpgsqlCommand($"prepare statement_of_ours as {statement.Text}", statement.Name.StartsWith("Migrator.", StringComparison.Ordinal) ? ownerConnection : connection);
                await prepare.ExecuteNonQueryAsync(Ct);
                await using var forget = new NpgsqlCommand("deallocate statement_of_ours", prepare.Connection);
                await forget.ExecuteNonQueryAsync(Ct);
            }
            catch (PostgresException refused)
            {
                faults.Add($"{statement.Place} {statement.Name}: {refused.SqlState} {refused.MessageText}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(statements.Count > 100, $"{statements.Count} statements");
    }

    /// <summary>PENGUIN_WRITE=1 writes the committed file.</summary>
    [Fact]
    public async Task The_matrix_in_the_documents_is_the_databases_own()
    {
        var text = new StringBuilder("""
            # Who may do what with which rows

            Generated from a freshly migrated database by `RlsTests`; `PENGUIN_WRITE=1` writes it anew. Policy `tenant` is, for reading and writing,
            `tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`; row security is enabled and forced. Tables without it, with the reason:
            [unscoped-tables.md](unscoped-tables.md). Partitions grant nothing and are reached through their parent only. The program runs as `penguin_app`,
            which owns nothing and has neither SUPERUSER nor BYPASSRLS.

            | table | policy | penguin_app may |
            |---|---|---|

            """);
        foreach (var table in (await AllTables()).Where(t => !t.IsPartition)) text.Append($"| {table.Name} | {(table.IsScoped ? table.Policies : "none: listed")} | {table.Privileges} |\n");
        var path = Path.Combine(Tree.Root, MatrixPath);
        if (Environment.GetEnvironmentVariable("PENGUIN_WRITE") == "1") await File.WriteAllTextAsync(path, text.ToString(), Ct);
        Assert.Equal(text.ToString(), await File.ReadAllTextAsync(path, Ct));
    }

    Task<List<Table>> AllTables() => Read(Tables, r => new Table(r.GetString(0), r.GetBoolean(1), r.GetBoolean(2), r.GetBoolean(3), r.GetString(4), r.GetBoolean(5), r.GetString(6), r.GetString(7)), Scope, ScopeOnce);

    async Task<List<T>> Read<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values)
    {
        await using var command = database.OwnerSource.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(Ct)) rows.Add(read(reader));
        return rows;
    }

    [GeneratedRegex(@"^\| ([a-z_]+\.[a-z_]+) \|", RegexOptions.Multiline)]
    private static partial Regex ListedTable();
}
