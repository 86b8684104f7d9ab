using System.Runtime.InteropServices;
using System.Text;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Plans;

/// <summary>Files that hold no text of a plan, or one with something in it that nobody sees.</summary>
public sealed class UnreadableTextTests
{
    [Theory]
    [InlineData("apiVersion: x\nkind: Claim\nmetadata:\n\tname: a\n", "plan.yaml_invalid", 4, 1)]
    [InlineData("apiVersion: oversight.penguinmails/v1\nkind: Claim\nmetadata: {name: a}\nspec: {text: \"a\\0b\"}\n", "plan.text_invalid", 4, 14)]
    [InlineData("", "plan.empty", 1, 1)]
    [InlineData(" \n# a remark\n---\n---\n", "plan.empty", 1, 1)]
    public void Tabs_control_characters_and_nothing_at_all_have_their_place(string yaml, string code, int line, int column)
    {
        var fault = Assert.Single(PlanReader.Read([("plan.yaml", yaml)]).Faults);
        Assert.Equal((code, new Place("plan.yaml", line, column)), (fault.Code, fault.At));
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData(null)]
    public void A_pipe_or_a_device_is_refused_before_it_is_opened(string? device)
    {
        var folder = Directory.CreateTempSubdirectory("penguin-plan-");
        var odd = Path.Combine(folder.FullName, "plan.yaml");
        if (device is null) Assert.Equal(0, mkfifo(Encoding.UTF8.GetBytes(odd + '\0'), 0x180));
        else File.CreateSymbolicLink(odd, device);
        // A link in a folder is left out, as any link is; a pipe in it is not.
        foreach (var path in device is null ? new[] { odd, folder.FullName } : [odd])
        {
            var fault = Assert.Single(PlanReader.Read(path).Faults);
            Assert.Equal("plan.unreadable", fault.Code);
            Assert.Contains("pipe or a device", fault.Message, StringComparison.Ordinal);
        }

        folder.Delete(recursive: true);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int mkfifo(byte[] path, uint mode);

    [Theory]
    [InlineData("nowhere")]
    [InlineData("plan.yaml")]
    public void A_link_to_nothing_or_to_itself_is_told_as_a_file_that_cannot_be_read(string target)
    {
        var folder = Directory.CreateTempSubdirectory("penguin-plan-");
        var link = Path.Combine(folder.FullName, "plan.yaml");
        File.CreateSymbolicLink(link, target);
        var fault = Assert.Single(PlanReader.Read(link).Faults);
        folder.Delete(recursive: true);
        Assert.Equal(("plan.unreadable", new Place(link, 1, 1)), (fault.Code, fault.At));
    }
}
