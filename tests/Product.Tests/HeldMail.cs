namespace PenguinMails.Product.Tests;

/// <summary>A message that the far end has in its hands, and says nothing of.</summary>
sealed class HeldMail(bool isLaid)
{
    readonly TaskCompletionSource _came = new(), _goes = new();

    public bool IsLaid => isLaid;

    public Task Came => _came.Task;

    public void LetGo() => _goes.SetResult();

    public async Task Wait()
    {
        _came.SetResult();
        await _goes.Task;
    }
}
